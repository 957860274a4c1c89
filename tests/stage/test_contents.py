"""Saving a notebook while another page reads it."""

import asyncio
import os

import nbformat
import pytest
from tornado.web import HTTPError

from lambdadeck.stage.contents import Contents


@pytest.fixture
def contents(tmp_path):
    nbformat.write(notebook("old"), tmp_path / "talk.ipynb")
    return Contents(root_dir=str(tmp_path))


def notebook(said: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(said, id="said")])


def read(contents: Contents) -> str:
    return asyncio.run(contents.get("talk.ipynb"))["content"]["cells"][0]["source"]


def save(contents: Contents, said: str) -> None:
    asyncio.run(contents.save({"type": "notebook", "content": notebook(said)}, "talk.ipynb"))


def save_half(contents: Contents, path: str) -> None:
    with contents.atomic_writing(path) as file:
        file.write("half")
        raise OSError("disk full")


def test_who_reads_during_a_save_gets_the_old_notebook_and_the_save_is_kept(contents, tmp_path):
    with contents.atomic_writing(str(tmp_path / "talk.ipynb")) as file:
        new = nbformat.writes(notebook("new"))
        file.write(new[:40])
        assert read(contents) == "old"
        file.write(new[40:])
    assert read(contents) == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["talk.ipynb"]


def test_a_save_that_fails_leaves_the_old_notebook_and_nothing_else(contents, tmp_path):
    with pytest.raises(OSError, match="disk full"):
        save_half(contents, str(tmp_path / "talk.ipynb"))
    assert read(contents) == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["talk.ipynb"]


def test_the_new_notebook_is_on_the_disk_before_the_old_one_goes(contents, tmp_path, monkeypatch):
    found, path = [], tmp_path / "talk.ipynb"
    old = path.read_text()

    def sync(handle: int) -> None:
        found.append((os.fstat(handle).st_ino, path.read_text()))

    monkeypatch.setattr(os, "fsync", sync)
    save(contents, "new")
    assert found == [(path.stat().st_ino, old)] and read(contents) == "new"


def test_a_save_keeps_the_files_permissions_and_a_link_to_it(contents, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    moved = (tmp_path / "talk.ipynb").rename(tmp_path / "elsewhere" / "kept.ipynb")
    (tmp_path / "talk.ipynb").symlink_to("elsewhere/kept.ipynb")
    moved.chmod(0o640)
    save(contents, "new")
    assert read(contents) == "new"
    assert (tmp_path / "talk.ipynb").is_symlink()
    assert moved.stat().st_mode & 0o777 == 0o640


def test_a_new_notebook_and_a_binary_file_are_saved(contents, tmp_path):
    (tmp_path / "talk.ipynb").unlink()
    save(contents, "first")
    assert read(contents) == "first"
    for content in ("AAE=", "AP8="):  # new, and replaced
        file = {"type": "file", "format": "base64", "content": content}
        asyncio.run(contents.save(file, "picture.png"))
    assert (tmp_path / "picture.png").read_bytes() == b"\x00\xff"


@pytest.mark.skipif(os.getuid() == 0, reason="root may write to every file")
def test_a_notebook_that_may_not_be_written_is_refused(contents, tmp_path):
    (tmp_path / "talk.ipynb").chmod(0o444)
    with pytest.raises(HTTPError) as refused:
        save(contents, "new")
    assert refused.value.status_code == 403
    assert read(contents) == "old"
