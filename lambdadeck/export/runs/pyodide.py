"""Fetch Pyodide by npm once, compile its library, and keep both in the state folder."""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from lambdadeck.notebook.errors import NotebookError
from lambdadeck.shared import files, state

VERSION = "314.0.7"  # Python 3.14; npm, looked up on 2026-11-27
INTEGRITY = (
    "sha512-0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyM"
    "cWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
)
PACKAGE = f"pyodide-{VERSION}.tgz"
NAMES = (
    *("pyodide.js", "pyodide.asm.mjs", "pyodide.asm.wasm"),
    *("python_stdlib.zip", "pyodide-lock.json"),
)
_COMPILER = Path(__file__).with_name("stdlib.js")


def folder() -> Path:
    """Return where the package is kept."""
    return state.folder() / "pyodide"


def kept() -> Path | None:
    """Return the package if it is there and is the one that is pinned, else None."""
    path = folder() / PACKAGE
    return path if path.is_file() and _integrity(path.read_bytes()) == INTEGRITY else None


def fetched() -> Path:
    """Return the package, fetched by npm if it is not there; NotebookError with advice."""
    if found := kept():
        return found
    folder().mkdir(parents=True, exist_ok=True)
    npm = shutil.which("npm")
    if npm is None:
        raise NotebookError(_advice("npm is not installed"))
    print(f"Fetching Pyodide {VERSION} by npm (6 MB, only this once) …", flush=True)
    command = [npm, "pack", f"pyodide@{VERSION}", "--ignore-scripts", "--silent"]
    done = subprocess.run(command, cwd=folder(), capture_output=True, text=True)
    if done.returncode:
        raise NotebookError(_advice(f"npm could not fetch it: {done.stderr.strip()[-300:]}"))
    if found := kept():
        return found
    (folder() / PACKAGE).unlink(missing_ok=True)
    raise NotebookError(_advice("what npm fetched is not the file that is pinned"))


def _advice(problem: str) -> str:
    return (
        f"--runs needs Pyodide {VERSION}, and {problem}. Install Node.js with npm and connect to a "
        f"network once, or put npm's {PACKAGE} into {folder()}."
    )


def _integrity(content: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


@cache
def contents(package: Path) -> dict[str, bytes]:
    """Return the files of the package that a page needs."""
    with tarfile.open(package) as archive:
        found = {name: archive.extractfile(f"package/{name}") for name in NAMES}
        return {name: file.read() for name, file in found.items() if file}


@cache
def library(package: Path) -> bytes:
    """Return Python's library with bytecode, compiled by Node.js if not kept; NotebookError.

    A page that compiles it at its first Run takes 2 to 3 CPU seconds longer (two cores, 2026-11).
    """
    compiler = [path.read_bytes() for path in (_COMPILER, _COMPILER.with_suffix(".py"))]
    digest = hashlib.sha256(b"".join([INTEGRITY.encode(), *compiler])).hexdigest()
    made = folder() / f"stdlib-{digest[:16]}.zip"
    if not made.is_file():
        files.replace(made, _compiled(contents(package)))
    return made.read_bytes()


def _compiled(content: dict[str, bytes]) -> bytes:
    node = shutil.which("node")
    if node is None:
        raise NotebookError("--runs compiles Python's library by Node.js: install Node.js.")
    with tempfile.TemporaryDirectory() as made:
        for name, data in content.items():
            (Path(made) / name).write_bytes(data)
        target = Path(made) / "compiled.zip"
        command = [node, str(_COMPILER), made, str(target)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise NotebookError(f"Node.js could not compile the library: {done.stderr[-300:]}")
        return target.read_bytes()
