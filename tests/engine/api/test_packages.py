"""Deployment packages: what is unpacked, and what is refused."""

import io
import os
import stat
import zipfile

import pytest

from lambdadeck.engine.api.packages import PackageError, merge, unpack, unzipped_size
from tests.support.cases import each
from tests.support.lambdas import zipped


def test_the_same_bytes_are_unpacked_once(tmp_path):
    blob = zipped({"app.py": "x = 1", "folder/data.txt": "y"})
    folder = unpack(blob, tmp_path)
    assert unpack(blob, tmp_path) == folder and (folder / "folder/data.txt").read_text() == "y"
    assert sorted(p.name for p in tmp_path.iterdir()) == [folder.name]


def test_files_are_read_only_and_keep_their_execute_bit(tmp_path):
    blob = io.BytesIO()
    with zipfile.ZipFile(blob, "w") as archive:
        run = zipfile.ZipInfo("bootstrap")
        run.external_attr = 0o755 << 16
        archive.writestr(run, "#!/bin/sh")
        archive.writestr("data", "x")
    folder = unpack(blob.getvalue(), tmp_path)
    assert stat.S_IMODE(os.stat(folder / "bootstrap").st_mode) == 0o555
    assert stat.S_IMODE(os.stat(folder / "data").st_mode) == 0o444


@each("name", ["../evil.py", "a/../../evil.py", "/etc/evil", "..\\evil.py", "a/b/../../../x"])
def test_a_path_out_of_the_folder_is_refused(name, tmp_path):
    with pytest.raises(PackageError, match="outside"):
        unpack(zipped({name: "x"}), tmp_path / "root")
    assert not (tmp_path / "root").exists() or list((tmp_path / "root").iterdir()) == []


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_no_folder_can_hold_are_refused_and_of_the_same_name_the_last_counts(tmp_path):
    def archive(*names):
        blob = io.BytesIO()
        with zipfile.ZipFile(blob, "w") as made:
            for number, name in enumerate(names):
                made.writestr(name, str(number))
        return blob.getvalue()

    for names, why in (
        (("app.py", "a", "a/b"), "'a' as a file and as a folder"),
        (("app.py", "a/b", "a"), "'a' as a file and as a folder"),
        (("a/", "a"), "'a' as a file and as a folder"),
        (("n" * 300,), "255 bytes at most"),
        (("f/" + "é" * 130 + "/x",), "255 bytes at most"),
        (("long/" * 900 + "x",), "File name too long"),
    ):
        with pytest.raises(PackageError, match=why):
            unpack(archive(*names), tmp_path / "root")
    folder = unpack(archive("app.py", "app.py", "a/", "a/b"), tmp_path)
    assert (folder / "app.py").read_text() == "1" and (folder / "a/b").read_text() == "3"


def linked(links: dict[str, str], **files: str) -> bytes:
    blob = io.BytesIO()
    with zipfile.ZipFile(blob, "w") as archive:
        for name, target in links.items():
            link = zipfile.ZipInfo(name)
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, target)
        for name, content in files.items():
            archive.writestr(name, content)
    return blob.getvalue()


def test_symbolic_links_are_kept_in_packages_and_merged_layers(tmp_path):
    links = {
        "lib/libfoo.so": "libfoo.so.1",
        "node_modules/a": ".pnpm/a@1.0.0/node_modules/a",
        "node_modules/.pnpm/a@1.0.0/node_modules/b": "../../b@2.0.0/node_modules/b",
        "to_layer": "/opt/nodejs/node_modules",
        "dangling": "nowhere",
        "loop": "loop",
    }
    folder = unpack(linked(links, **{"lib/libfoo.so.1": "elf"}), tmp_path)
    other = unpack(zipped({"lib/other": "x"}), tmp_path)
    for place in (folder, merge([other, folder], tmp_path)):
        assert {name: os.readlink(place / name) for name in links} == links
        assert (place / "lib/libfoo.so").read_text() == "elf"
    assert (merge([other, folder], tmp_path) / "lib/other").read_text() == "x"


@each(
    "links",
    [
        {"a": "/etc/passwd"},
        {"a": "../outside"},
        {"a/b/c": "../../../x"},
        {"a": "b", "b": "c/../..", "c": "."},
        {"deep/link": "/opt/../etc"},
        {"up": "..", "x": "up/y"},
    ],
)
def test_a_symbolic_link_out_of_the_folder_is_refused(links, tmp_path):
    for act in (unzipped_size, lambda blob: unpack(blob, tmp_path)):
        with pytest.raises(PackageError, match="symbolic link"):
            act(linked(links))


def test_a_file_through_a_link_is_refused(tmp_path):
    blob = linked({"a": "lib"}, **{"a/b": "through a link", "lib/c": "x"})
    for act in (unzipped_size, lambda blob: unpack(blob, tmp_path)):
        with pytest.raises(PackageError, match="'a' as a file and as a folder"):
            act(blob)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    blob = io.BytesIO()
    with (
        zipfile.ZipFile(blob, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("zeros", "w", force_zip64=True) as entry,
    ):
        for _ in range(300):
            entry.write(bytes(1 << 20))
    assert len(blob.getvalue()) < 1 << 20
    assert unzipped_size(blob.getvalue()) == 300 << 20


def test_a_zip_that_lies_about_its_size_unpacks_no_more_than_it_says(tmp_path):
    honest = zipped({"a": "x" * 1000})
    at = honest.rindex(b"PK\x01\x02")
    lying = honest[: at + 24] + (5).to_bytes(4, "little") + honest[at + 28 :]
    with pytest.raises((PackageError, zipfile.BadZipFile)):
        unpack(lying, tmp_path)


@each("blob", [b"", b"not a zip", b"PK\x03\x04" + b"\0" * 40])
def test_what_is_no_zip_is_refused_in_awss_words(blob):
    with pytest.raises(PackageError, match="Could not unzip uploaded file"):
        unzipped_size(blob)
