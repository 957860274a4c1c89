"""The project's own .venv: made once, renewed when what it is made from changes. Standard library only.

scripts/present and scripts/test run this with the machine's Python, before anything is installed.
"""

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Step:
    """One thing to install: what to say, the files it depends on, the Python command lines that do it."""

    name: str
    saying: str
    files: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]


PIP = ("-m", "pip", "--disable-pip-version-check", "install", "-qq")

PRESENT = Step(
    "present",
    "Installing requirements.txt and lambdadeck (a minute or two, only this once) …",
    ("requirements.txt", "pyproject.toml"),
    (
        (*PIP, "-r", "requirements.txt"),
        (*PIP, "--no-deps", "--editable", "."),
        # Builds matplotlib's font list now, so that its "this may take a moment" is not said on stage.
        ("-c", "import matplotlib.font_manager"),
    ),
)
TEST = Step(
    "test",
    "Installing tests/requirements.txt …",
    ("tests/requirements.txt", *PRESENT.files),
    ((*PIP, "-r", "tests/requirements.txt"),),
)


class InstallError(Exception):
    """An installation that failed: the message says what and what to do."""


def python_of(root: Path = ROOT) -> Path:
    """The Python of the project's .venv, whether it is there yet or not."""
    return root / ".venv" / "bin" / "python"


def stamp(
    step: Step, root: Path = ROOT, version: tuple[int, ...] = tuple(sys.version_info[:2])
) -> str:
    """SHA-256 over all that a step depends on: its files, the Python version, the place of the checkout."""
    digest = hashlib.sha256(f"{version} {root} {step}".encode())
    for name in step.files:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def is_done(step: Step, root: Path = ROOT) -> bool:
    """Whether the .venv holds what the step would install now."""
    record = root / ".venv" / f".installed-{step.name}"
    return python_of(root).exists() and record.is_file() and record.read_text() == stamp(step, root)


def ensure(steps: tuple[Step, ...], root: Path = ROOT) -> Path:
    """Make the .venv hold what the steps name; returns its Python; raises InstallError. A second call takes milliseconds."""
    if not all(is_done(step, root) for step in steps):
        with _one_at_a_time(root):
            _ensure_venv(root)
            for step in steps:
                if not is_done(step, root):
                    _install(step, root)
    return python_of(root)


def run_module(module: str, arguments: list[str], steps: tuple[Step, ...]) -> NoReturn:
    """Become `python -m module arguments` of the .venv, after installing what the steps name."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # whatever ends this ends pip too
    try:
        python = ensure(steps)
    except InstallError as problem:
        sys.exit(f"{problem}")
    except KeyboardInterrupt:
        sys.exit("\nStopped while installing; start again and it goes on from here.")
    sys.stdout.flush()
    os.execv(python, [str(python), "-m", module, *arguments])


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    with open(root / "requirements.txt") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is installing; waiting for it …", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ensure_venv(root: Path) -> None:
    if python_of(root).exists() and _venv_version(root) == tuple(sys.version_info[:2]):
        return
    print(f"Making .venv with Python {sys.version_info[0]}.{sys.version_info[1]} …", flush=True)
    try:
        # A venv made in a subprocess, as `python -m venv`, would print its own, longer advice.
        venv.create(root / ".venv", clear=True, symlinks=True, with_pip=True)
    except subprocess.CalledProcessError as problem:
        raise InstallError(
            "This Python cannot make a virtual environment. On Debian or Ubuntu: "
            "sudo apt-get install python3-venv; then start again."
        ) from problem


def _venv_version(root: Path) -> tuple[int, ...]:
    for line in (root / ".venv" / "pyvenv.cfg").read_text().splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "version":
            return tuple(int(part) for part in value.split(".")[:2])
    return ()


def _install(step: Step, root: Path) -> None:
    print(step.saying, flush=True)
    for command in step.commands:
        try:
            subprocess.run([python_of(root), *command], cwd=root, check=True)
        except subprocess.CalledProcessError as problem:
            raise InstallError(
                f"{step.saying.rstrip(' …')}: that failed, and its reason stands above. "
                "Installing needs the network, this once; mend that and start again."
            ) from problem
    (root / ".venv" / f".installed-{step.name}").write_text(stamp(step, root))
