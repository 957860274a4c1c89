"""Write requirements.txt and tests/requirements.txt from pyproject.toml, or check them (online)."""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lambdadeck.install import PIN, ROOT

PYTHONS = ("3.11.0", "3.14")  # oldest and newest
PLATFORMS = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
)
SOURCES = {
    "requirements.txt": ("pyproject.toml", "--group", "build"),
    "tests/requirements.txt": ("--group", "test", "--constraints", "requirements.txt"),
}
BUILT = {"awslambdaric"}  # wheels for Linux only; pure Python elsewhere


class LockError(Exception):
    """A lock that is stale or does not resolve; the message says which and what to do."""


def options(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line of scripts/lock."""
    parser = argparse.ArgumentParser(
        prog="scripts/lock",
        description="Write requirements.txt and tests/requirements.txt from pyproject.toml. Locked "
        "versions stay: to renew one package, delete its entry from the lock first.",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit 1 if a lock is stale or does not install with Python "
        f"{' and '.join(PYTHONS)} on Linux and macOS",
    )
    return parser.parse_args(arguments)


def compile_lock(name: str, target: Path, root: Path = ROOT) -> None:
    """Write a lock to `target`, keeping the versions that it holds. Raise LockError."""
    _uv(
        root,
        f"{name}: the pins in pyproject.toml do not resolve",
        *("compile", "--universal", "--python-version", PYTHONS[0], "--generate-hashes"),
        "--no-strip-extras",  # older pips do not pin what is needed with an extra otherwise
        *("--annotation-style", "line", "--custom-compile-command", "scripts/lock"),
        *(*SOURCES[name], "--output-file", str(target)),
    )


def check(root: Path = ROOT) -> Iterator[str]:
    """Yield a sentence for each check that passed. Raise LockError at the first that fails."""
    with tempfile.TemporaryDirectory() as folder:
        for name in SOURCES:
            copy = Path(shutil.copyfile(root / name, Path(folder) / "lock.txt"))
            compile_lock(name, copy, root)
            if copy.read_bytes() != (root / name).read_bytes():
                raise LockError(f"{name} is stale. Run scripts/lock and commit the file.")
            yield f"{name} is what pyproject.toml asks for."
        for python in PYTHONS:
            for platform in PLATFORMS:
                _dry_run(root, python, platform, folder)
                yield f"Every pin installs on Python {python}, {platform}."


def _dry_run(root: Path, python: str, platform: str, folder: str) -> None:
    names = {
        name
        for lock in SOURCES
        for name in re.findall(PIN, (root / lock).read_text(), re.MULTILINE)
    }
    _uv(
        Path(folder),  # outside the project, whose [tool.uv] is for writing locks
        f"The locks do not install on Python {python}, {platform}",
        *("install", "--dry-run", "--require-hashes", "--target", "."),
        *("--python-version", python, "--python-platform", platform),
        *(f"--only-binary={name}" for name in sorted(names - BUILT)),
        *(f"--requirements={root / name}" for name in SOURCES),
    )


def _uv(folder: Path, failure: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "uv", "pip", arguments[0], "--quiet", *arguments[1:]]
    done = subprocess.run(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise LockError(f"{done.stderr}\n{failure}.")


def main(arguments: list[str]) -> int:
    asked = options(arguments)
    try:
        if asked.check:
            for sentence in check():
                print(sentence, flush=True)
        else:
            for name in SOURCES:
                compile_lock(name, ROOT / name)
                print(f"{name} is written.", flush=True)
    except LockError as error:
        sys.exit(f"{error}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
