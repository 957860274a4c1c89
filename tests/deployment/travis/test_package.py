"""What `zip:` names becomes a package: an archive, a folder, or one file."""

import io
import zipfile

import pytest

from lambdadeck.deployment.travis.package import package
from lambdadeck.deployment.travis.parser import BadTravisFile
from tests.support.lambdas import zipped


@pytest.fixture
def folder(tmp_path):
    for name in ("code/index.js", "code/lib/a.js", "code/.env", "code/.hidden/b.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path / "code"


def names(made):
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        return sorted(archive.namelist())


def test_a_folder_is_zipped_without_its_hidden_files(folder):
    made = package(folder, "code", 9, dot_match=False)
    assert names(made) == ["index.js", "lib/a.js"] and str(made).startswith("2 files, ")


def test_dot_match_takes_hidden_files_too(folder):
    assert names(package(folder, "code", 9, dot_match=True)) == [
        ".env",
        ".hidden/b.js",
        "index.js",
        "lib/a.js",
    ]


def test_one_file_is_zipped_alone(folder):
    assert names(package(folder / "index.js", "code/index.js", 9, dot_match=False)) == ["index.js"]


def test_an_archive_is_sent_as_it_is(tmp_path):
    (tmp_path / "ready.zip").write_bytes(content := zipped({"app.py": "x"}))
    assert package(tmp_path / "ready.zip", "ready.zip", 9, dot_match=False).content == content


def test_the_same_folder_gives_the_same_bytes(folder):
    assert (
        package(folder, "code", 9, dot_match=False).content
        == package(folder, "code", 9, dot_match=False).content
    )


def test_nothing_to_zip_is_named_with_its_line(tmp_path):
    with pytest.raises(
        BadTravisFile, match="^Line 9: zip is 'gone', and there is no such file or folder"
    ):
        package(tmp_path / "gone", "gone", 9, dot_match=False)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / ".env").write_text("x")
    with pytest.raises(BadTravisFile, match="^Line 9: .*a folder without a file"):
        package(tmp_path / "empty", "empty", 9, dot_match=False)
