"""Make the project's .venv, and renew it when the locks change. Standard library only.

The scripts run this with the machine's Python, before anything is installed.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
WHEELS = "wheelhouse"  # a folder of the checkout that replaces the network, from scripts/bundle


@dataclass(frozen=True)
class Step:
    """One installation: the files it depends on and the Python command lines that do it.

    Each command reads, as standard input, the pins of `tools` in the first file.
    """

    name: str
    announcement: str
    files: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    tools: tuple[str, ...] = ()


PIN = r"^([\w.-]+)(?:\[.+\])?=="  # in a line of a lock, for re.MULTILINE; it may name extras
PIP = ("-m", "pip", "--disable-pip-version-check", "install", "-q")
PINNED = (*PIP, "--no-build-isolation", "--require-hashes", "-r")
TOOLS = (*PINNED, "/dev/stdin")

PRESENT = Step(
    "present",
    "Installing requirements.txt and lambdadeck (a minute or two, only this once) …",
    ("requirements.txt", "pyproject.toml"),
    (
        TOOLS,  # awslambdaric is built from source on macOS
        (*PINNED, "requirements.txt"),
        (*PIP, "--no-deps", "--no-build-isolation", "--editable", "."),
        # Build matplotlib's font list now, so that no slide says "this may take a moment".
        ("-c", "import matplotlib.font_manager"),
    ),
    ("setuptools",),
)
TEST = Step(
    "test",
    "Installing tests/requirements.txt …",
    ("tests/requirements.txt", *PRESENT.files),
    ((*PINNED, "tests/requirements.txt"),),
)
LOCK = Step("lock", "Installing uv …", ("tests/requirements.txt",), (TOOLS,), ("uv",))

# The first pattern found in pip's errors decides the advice.
ADVICE = (
    (
        "DO NOT MATCH THE HASHES",
        "A download is not the file that the lock names. Run "
        "`.venv/bin/python -m pip cache purge`; if it happens again, your proxy or package mirror "
        "changes files: use another one.",
    ),
    ("No space left on device", "The disk is full: free 1 GB."),
    ("PermissionError|Permission denied", "Make sure that your user may write to this folder."),
    (
        r"connection broken|Max retries|Could not fetch URL|timed out|Connection refused",
        "Python's package index is out of reach. Check network, proxy and certificates, or install "
        'from a folder: notebooks/TEACHING.md, "Installing without a network".',
    ),
    (
        "No matching distribution|Could not find a version",
        f"No file fits Python {platform.python_version()} on {platform.system()} "
        f"{platform.machine()}. Use Python 3.11 to 3.14 on Linux or macOS. A folder or mirror must "
        "hold every pinned package for this Python and system.",
    ),
    ("", "The error above has the cause."),
)


class InstallError(Exception):
    """A failed installation; the message says what failed and what to do."""


def python_of(root: Path = ROOT) -> Path:
    """Return the path of the .venv's Python, which may not exist yet."""
    return root / ".venv" / "bin" / "python"


def stamp(
    step: Step, root: Path = ROOT, version: tuple[int, ...] = tuple(sys.version_info[:2])
) -> str:
    """Return the SHA-256 of a step, its files, the Python version and the checkout's path."""
    digest = hashlib.sha256(f"{version} {root} {step}".encode())
    for name in step.files:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def is_done(step: Step, root: Path = ROOT) -> bool:
    """Return whether the .venv already holds what the step installs."""
    record = root / ".venv" / f".installed-{step.name}"
    return python_of(root).exists() and record.is_file() and record.read_text() == stamp(step, root)


def ensure(steps: tuple[Step, ...], root: Path = ROOT) -> Path:
    """Run the steps that are not done, and return the .venv's Python. Raise InstallError."""
    if not all(is_done(step, root) for step in steps):
        with _one_at_a_time(root):
            _ensure_venv(root)
            for step in steps:
                if not is_done(step, root):
                    _install(step, root)
    return python_of(root)


def run_module(module: str, arguments: list[str], steps: tuple[Step, ...]) -> NoReturn:
    """Install what the steps name, then replace this process by `python -m module arguments`."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # whatever ends this ends pip too
    try:
        python = ensure(steps)
    except InstallError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit("\nStopped while installing; start again to continue.")
    sys.stdout.flush()
    environment = dict(os.environ)
    if not module.startswith("lambdadeck."):  # tests and benchmarks are not installed
        environment["PYTHONPATH"] = str(ROOT)
    os.execve(python, [str(python), "-m", module, *arguments], environment)


def pins(lock: str, names: tuple[str, ...]) -> str:
    """Return the lock's entries for these packages, with their hashes."""
    return "".join(
        entry[0]
        for entry in re.finditer(rf"{PIN}.*\n(?:    .*\n)*", lock, re.MULTILINE)
        if entry[1] in names
    )


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
    version = ".".join(map(str, sys.version_info[:2]))
    print(f"Making .venv with Python {version} …", flush=True)
    try:
        with redirect_stdout(StringIO()):  # Debian's venv prints its own, longer advice and exits
            venv.create(root / ".venv", clear=True, symlinks=True, with_pip=True)
    except BaseException as error:
        shutil.rmtree(root / ".venv", ignore_errors=True)  # it has a Python, but no pip
        if not isinstance(error, (subprocess.CalledProcessError, SystemExit)):
            raise
        raise InstallError(
            "This Python cannot make a virtual environment. On Debian or Ubuntu: "
            f"sudo apt-get install python{version}-venv; then start again."
        ) from error


def _venv_version(root: Path) -> tuple[int, ...]:
    for line in (root / ".venv" / "pyvenv.cfg").read_text().splitlines():
        key, _, value = line.partition("=")
        if key.strip() in ("version", "version_info"):
            return tuple(int(part) for part in value.split(".")[:2])
    return ()


def _offline(root: Path) -> dict[str, str]:
    """Return what makes pip install from the checkout's own wheels, {} if it has none."""
    wheels = root / WHEELS
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)} if wheels.is_dir() else {}


def _install(step: Step, root: Path) -> None:
    print(step.announcement, flush=True)
    tools = pins((root / step.files[0]).read_text(), step.tools)
    for command in step.commands:
        done = subprocess.run(
            [python_of(root), *command],
            cwd=root,
            env=os.environ | _offline(root),
            input=tools,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            advice = next(advice for pattern, advice in ADVICE if re.search(pattern, done.stderr))
            raise InstallError(
                f"{done.stderr}\n{step.announcement.split(' (')[0].rstrip(' …')} failed. {advice} "
                "Then start again."
            )
    (root / ".venv" / f".installed-{step.name}").write_text(stamp(step, root))
