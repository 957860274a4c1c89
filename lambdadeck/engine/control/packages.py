"""Deployment packages: unpack each zip once, into a read-only folder."""

import io
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from lambdadeck.engine.languages import cache

LONGEST_NAME = 255  # bytes: NAME_MAX of Linux and macOS
UNZIPPED_LIMIT = 262_144_000  # bytes: AWS's 250 MB for code and layers together


class PackageError(ValueError):
    """The package cannot be used; the message says why."""


def unzipped_size(blob: bytes) -> int:
    """Return the bytes of a package's files; raise PackageError if it cannot be unzipped."""
    with _opened(blob) as archive:
        entries = archive.infolist()
    for info in entries:
        _check_name(info.filename)
    _check_folders(entries)
    return sum(info.file_size for info in entries)


def unpack(blob: bytes, root: Path) -> Path:
    """Unpack below `root`, read-only; the same bytes give the same folder and are unpacked once."""
    return cache.kept("code", [blob], partial(_extract_all, blob), root)


def merge(layers: Sequence[Path], root: Path) -> Path:
    """Return a folder below `root` with the files of all layers; later layers win, as in AWS."""
    if len(layers) == 1:
        return layers[0]

    def link_all(folder: Path) -> None:
        for layer in layers:
            shutil.copytree(layer, folder, dirs_exist_ok=True, copy_function=_link)

    try:
        return cache.kept("layers", [layer.name for layer in layers], link_all, root)
    except OSError as error:
        raise PackageError(f"The layers cannot be merged: {error}") from error


def _link(source: str, target: str) -> None:
    Path(target).unlink(missing_ok=True)
    os.link(source, target)


def _extract_all(blob: bytes, folder: Path) -> None:
    try:
        with _checked(blob) as archive:
            for info in archive.infolist():
                _extract(archive, info, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise PackageError(
            f"Could not unzip uploaded file: {error}. Make the zip again, without encryption."
        ) from error
    except OSError as error:
        raise PackageError(f"Could not unzip uploaded file: {error.strerror}.") from error


def _checked(blob: bytes) -> zipfile.ZipFile:
    if unzipped_size(blob) >= UNZIPPED_LIMIT:
        raise PackageError(f"Unzipped size must be smaller than {UNZIPPED_LIMIT} bytes")
    return _opened(blob)


def _opened(blob: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(blob))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise PackageError(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from error


def _check_name(name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise PackageError(f"The zip holds {name!r}, which points outside the function's folder.")
    if any(len(part.encode()) > LONGEST_NAME for part in path.parts):
        raise PackageError(
            f"The zip holds {name[:40]!r}…: a name may have {LONGEST_NAME} bytes at most."
        )


def _check_folders(entries: Sequence[zipfile.ZipInfo]) -> None:
    files = {PurePosixPath(info.filename) for info in entries if not info.is_dir()}
    folders = {parent for info in entries for parent in PurePosixPath(info.filename).parents}
    folders |= {PurePosixPath(info.filename) for info in entries if info.is_dir()}
    if both := files & folders:
        raise PackageError(f"The zip holds {str(min(both))!r} as a file and as a folder.")


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path) -> None:
    target = folder / info.filename
    mode = info.external_attr >> 16
    if info.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    if stat.S_ISLNK(mode):
        raise PackageError(
            f"The zip holds a symbolic link, {info.filename!r}: put the file itself into it."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)  # of a name that comes twice, the last counts, as in AWS
    with archive.open(info) as source, open(target, "wb") as sink:
        shutil.copyfileobj(source, sink)
    os.chmod(target, 0o555 if mode & 0o111 else 0o444)
