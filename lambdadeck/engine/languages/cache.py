"""What is made once and kept on this machine: below the user's cache folder, named after what it was made from."""

from __future__ import annotations

import atexit
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

Make = Callable[[Path], None]  # fills a folder, which is empty


@functools.cache
def folder() -> Path:
    """The cache: lambdadeck in $XDG_CACHE_HOME or ~/.cache, readable by its owner alone.

    Where neither can be written to, it is a temporary one that ends with this process.
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
    """The folder that `make` has filled for exactly these inputs, now or earlier; raises what `make` raises."""
    digest = hashlib.sha256()
    for part in made_from:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8) + data)
    target = (root or folder()) / f"{name}-{digest.hexdigest()[:32]}"
    if not target.exists():
        _make(target, make)
    return target


def _make(target: Path, make: Make) -> None:
    staging = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
    try:
        make(staging)
        staging.rename(target)
    except OSError:
        if not target.exists():  # if it is there, somebody else was faster
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
