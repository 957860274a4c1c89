"""The package that `zip:` names: an archive as it is, or a folder or a file to be zipped."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from lambdadeck import functions
from lambdadeck.deployment.travis.parser import BadTravisFile


@dataclass(frozen=True)
class Package:
    """A deployment package: its bytes, and how many files are in it."""

    content: bytes
    files: int

    def __str__(self) -> str:
        return (
            f"{self.files} file{'' if self.files == 1 else 's'}, {len(self.content):,} bytes zipped"
        )


def package(path: Path, written: str, line: int, *, dot_match: bool) -> Package:
    """Zip what stands at `path`; hidden files only with `dot_match`. BadTravisFile if there is nothing to zip."""
    if not path.exists():
        raise BadTravisFile(
            line, f"zip is {written!r}, and there is no such file or folder beside the .travis.yml."
        )
    archived = path.is_file() and zipfile.is_zipfile(path)
    content = path.read_bytes() if archived else _zipped(path, written, line, dot_match)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return Package(content, sum(not name.endswith("/") for name in archive.namelist()))


def _zipped(path: Path, written: str, line: int, dot_match: bool) -> bytes:
    if path.is_file():
        return functions.pack(path)
    with tempfile.TemporaryDirectory(prefix="travis-") as scratch:
        chosen = Path(scratch) / "package"
        hidden = shutil.ignore_patterns(*([] if dot_match else [".*"]))
        shutil.copytree(path, chosen, ignore=hidden, ignore_dangling_symlinks=True)
        if not any(item.is_file() for item in chosen.rglob("*")):
            raise BadTravisFile(
                line,
                f"zip is {written!r}, a folder without a file to zip (hidden ones need dot_match: true).",
            )
        return functions.pack(chosen)
