"""Deployment packages: unpack each zip once, into a read-only folder."""

import io
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath

from lambdadeck.engine.languages import cache

EMPTY_ZIP = b"PK\x05\x06" + b"\0" * 18  # nothing but the end record
UNZIPPED_LIMIT = 262_144_000  # bytes: AWS's 250 MB for code and layers together
LONGEST_NAME, LONGEST_PATH = 255, 3000  # bytes of a file's name, and of its path in a folder
LINKS_LIMIT = 40  # links on the way to one file, as in Linux
INSIDE = ("/var/task", "/opt", "/tmp")  # where a link may point to: what a function has there
_UNREADABLE = "Could not unzip uploaded file. Please check your file, then try to upload again."
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError)
Entries = dict[str, zipfile.ZipInfo]


class PackageError(ValueError):
    """The package cannot be used; the message says why."""


@lru_cache(maxsize=2)  # a large package is looked at on a thread, before its request is answered
def unzipped_size(blob: bytes) -> int:
    """Return the bytes of a package's files; raise PackageError if it cannot be unzipped."""
    with _opened(blob) as archive:
        _check_links(archive, _entries(archive))
        return sum(info.file_size for info in archive.infolist())


def is_empty(blob: bytes) -> bool:
    """Return whether a package is a zip without entries."""
    return blob.startswith(EMPTY_ZIP[:4])


def unpack(blob: bytes, root: Path) -> Path:
    """Unpack below `root`, read-only; the same bytes give the same folder and are unpacked once."""
    return cache.kept("code", [blob], partial(_extract_all, blob), root)


def merge(layers: Sequence[Path], root: Path) -> Path:
    """Return a folder below `root` with the files of all layers; later layers win, as in AWS."""
    if len(layers) == 1:
        return layers[0]

    def link_all(folder: Path) -> None:
        for layer in layers:
            shutil.copytree(layer, folder, True, dirs_exist_ok=True, copy_function=_link)

    try:
        return cache.kept("layers", [layer.name for layer in layers], link_all, root)
    except OSError as error:
        raise PackageError(f"The layers cannot be merged: {error}") from error


def _link(source: str, target: str) -> None:
    Path(target).unlink(missing_ok=True)
    os.link(source, target, follow_symlinks=False)


def _extract_all(blob: bytes, folder: Path) -> None:
    try:
        with _checked(blob) as archive:
            entries = _entries(archive)
            for parent in sorted(_folders(entries)):
                os.makedirs(folder / parent, exist_ok=True)
            for path, info in entries.items():
                if not info.is_dir():
                    _extract(archive, info, folder / path)
    except _BROKEN as error:
        raise error if isinstance(error, PackageError) else PackageError(_UNREADABLE) from error
    except OSError as error:  # a full disk, or a file system with other rules
        raise PackageError(f"The package cannot be unpacked: {error.strerror}.") from error


def _checked(blob: bytes) -> zipfile.ZipFile:
    if unzipped_size(blob) >= UNZIPPED_LIMIT:
        raise PackageError(f"Unzipped size must be smaller than {UNZIPPED_LIMIT} bytes")
    return _opened(blob)


def _opened(blob: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(blob))
    except _BROKEN as error:
        raise PackageError(_UNREADABLE) from error


def _entries(archive: zipfile.ZipFile) -> Entries:
    """Return the entries by path; of two with one name the last wins. Raise PackageError."""
    infos = archive.infolist()
    entries = {_path(info.filename): info for info in infos}
    entries.pop(".", None)
    folders = _folders(entries) | {_path(info.filename) for info in infos if info.is_dir()}
    if both := {path for path, info in entries.items() if not info.is_dir()} & folders:
        raise PackageError(f"The zip holds {min(both)!r} as a file and as a folder.")
    return entries


def _folders(entries: Entries) -> set[str]:
    named = {path for path, info in entries.items() if info.is_dir()}
    return named | {str(parent) for path in entries for parent in PurePosixPath(path).parents}


def _path(name: str) -> str:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise PackageError(f"The zip holds {name!r}, which points outside the function's folder.")
    path = PurePosixPath(name)
    sizes = [len(part.encode()) for part in path.parts]
    if max(sizes, default=0) > LONGEST_NAME or sum(sizes) > LONGEST_PATH:
        raise PackageError(
            f"The zip holds {name[:40]!r}…: file systems take names of {LONGEST_NAME} bytes at "
            f"most, and paths of {LONGEST_PATH}. File name too long."
        )
    return str(path)


def _check_links(archive: zipfile.ZipFile, entries: Entries) -> None:
    """Raise PackageError if a symbolic link points outside."""
    try:
        links = {
            path: archive.read(info).decode() for path, info in entries.items() if _is_link(info)
        }
    except _BROKEN as error:
        raise PackageError(_UNREADABLE) from error
    for path in links:
        if _leaves(path, links):
            raise PackageError(
                f"The zip holds the symbolic link {path!r} to {links[path]!r}, which points "
                "outside the function's folder."
            )


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def _leaves(path: str, links: Mapping[str, str]) -> bool:
    """Follow a path from link to link; return whether it leaves the folder."""
    ahead, behind = path.split("/")[::-1], list[str]()
    for _ in range(LINKS_LIMIT * LONGEST_NAME):
        if not ahead:
            break
        part = ahead.pop()
        if part == ".." and not behind:
            return True
        if part == "..":
            behind.pop()
        elif part not in ("", "."):
            behind.append(part)
            target = links.get("/".join(behind))
            if target is not None:
                if target.startswith("/"):
                    return not os.path.normpath(target).startswith(INSIDE)
                behind.pop()
                ahead += target.split("/")[::-1]
    return False


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    if _is_link(info):
        os.symlink(archive.read(info), os.fsencode(target))
        return
    with archive.open(info) as source, open(target, "xb") as sink:
        shutil.copyfileobj(source, sink)
        os.fchmod(sink.fileno(), 0o555 if info.external_attr >> 16 & 0o111 else 0o444)
