"""Folders that are filled once, named after the hash of their inputs; by default in a cache."""

import atexit
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import uuid4

Make = Callable[[Path], None]  # fills an empty folder


@functools.cache
def folder() -> Path:
    """Return the cache: lambdadeck in $XDG_CACHE_HOME or ~/.cache, readable only by its owner.

    If neither is writable, return a temporary folder that ends with this process.
    """
    try:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lambdadeck"
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            return root
    except (OSError, RuntimeError):  # RuntimeError: this user has no home
        root = Path(tempfile.mkdtemp(prefix="lambdadeck-cache-", dir=os.environ.get("TMPDIR")))
        atexit.register(shutil.rmtree, root, ignore_errors=True)
        return root


def kept(name: str, made_from: Iterable[str | bytes], make: Make, root: Path | None = None) -> Path:
    """Return the folder that `make` has filled for these inputs, now or earlier."""
    target = place(name, made_from, root)
    if not target.exists():
        _make(target, make)
    return target


def place(name: str, made_from: Iterable[str | bytes], root: Path | None = None) -> Path:
    """Return where the folder for these inputs is, or would be."""
    digest = hashlib.sha256()
    for part in made_from:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8) + data)
    return (root or folder()) / f"{name}-{digest.hexdigest()[:16]}"


def _make(target: Path, make: Make) -> None:
    staging = target.parent / f".{uuid4().hex}"
    staging.mkdir(parents=True)
    try:
        make(staging)
        staging.rename(target)
    except OSError:
        if not target.exists():  # another process was faster
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
