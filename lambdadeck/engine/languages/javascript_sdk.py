"""Install AWS's SDK for JavaScript, which AWS's Node.js runtimes hold, into the cache if asked."""

import argparse
import functools
import shutil
import subprocess
import sys
from pathlib import Path

from lambdadeck.engine.languages import cache
from lambdadeck.engine.languages.clients import RUNTIMES

PACKAGES = RUNTIMES / "nodejs" / "sdk"
FILES = ("package.json", "package-lock.json")
NAME = "javascript-sdk"
_NPM = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def installed() -> Path | None:
    """Return the folder node_modules of the SDK, None if it is not installed."""
    folder = cache.place(NAME, contents()) / "node_modules"
    return folder if folder.is_dir() else None


def install() -> Path:
    """Install the SDK as its lock says, unless it is there; return its folder node_modules.

    Raise OSError if npm is missing, CalledProcessError if it fails.
    """
    return cache.kept(NAME, contents(), _fill) / "node_modules"


@functools.cache
def contents() -> list[bytes]:
    """Return what names its folder in the cache: the wanted packages and their lock."""
    return [(PACKAGES / name).read_bytes() for name in FILES]


def _fill(folder: Path) -> None:
    for name in FILES:
        shutil.copy(PACKAGES / name, folder)
    subprocess.run(_NPM, cwd=folder, check=True, umask=0o022)  # root's functions run as nobody


def options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    return argparse.ArgumentParser(
        prog="scripts/javascript-sdk",
        description="Install AWS's SDK for JavaScript, for functions in Node.js: about 65 MB in "
        "the cache of this user. AWS's own Node.js runtimes hold it.",
    ).parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run scripts/javascript-sdk; return its exit code."""
    options(arguments)
    try:
        print(f"AWS's SDK for JavaScript is in {install()}.")
    except FileNotFoundError:
        print("npm is missing: install it with Node.js, then run this again.", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"npm failed (exit code {error.returncode}): see above.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
