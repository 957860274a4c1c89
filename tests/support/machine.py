"""The system packages that tests need: find what is missing, and install it if asked."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lambdadeck.engine.languages import toolchains
from lambdadeck.export import pdf


@dataclass(frozen=True)
class Need:
    """A system package, and the tests that need it."""

    package: str
    purpose: str
    is_here: Callable[[], bool]


def chromium() -> str | None:
    """Return the path of a Chromium, the machine's or playwright's; None if missing."""
    for name in pdf.CHROMIUMS:
        if path := shutil.which(name):
            return path
    return _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def speaks(find: Callable[[], object]) -> bool:
    """Return whether a language's toolchain is found."""
    try:
        find()
    except toolchains.MissingToolchainError:
        return False
    return True


# In the order of installation: some packages of Node.js include npm.
NEEDS = (
    Need(
        pdf.HEADLESS,
        "the tests that open the deck in a real browser",
        lambda: chromium() is not None,
    ),
    Need("nodejs", "the tests of functions in Node.js", lambda: speaks(toolchains.node)),
    Need("npm", "the type check of JavaScript", lambda: shutil.which("npm") is not None),
    Need("default-jdk-headless", "the tests of functions in Java", lambda: speaks(toolchains.jdk)),
    Need("mono-mcs", "the tests of functions in C#", lambda: speaks(toolchains.csharp)),
)


def missing() -> list[Need]:
    """Return the needs that this machine does not meet."""
    return [need for need in NEEDS if not need.is_here()]


def can_install() -> bool:
    """Return whether this system has apt-get."""
    return shutil.which("apt-get") is not None


def advice(needs: list[Need]) -> str:
    """Return a sentence for each missing package: what is skipped, and how to get it."""
    how = "scripts/test --install" if can_install() else "the package manager of this system"
    return "\n".join(
        f"Without {need.package}, {need.purpose} are skipped. Get it with: {how}" for need in needs
    )


def install(needs: list[Need]) -> None:
    """Install the packages with apt-get; raise SystemExit with a sentence if that fails."""
    if not can_install():
        names = ", ".join(need.package for need in needs)
        sys.exit(
            f"This system has no apt-get. Install {names} with its package manager, then try again."
        )
    _apt_get("update", "-qq")
    for need in needs:
        if not need.is_here():  # an earlier package may have brought it
            print(f"Installing {need.package} with apt-get …", flush=True)
            _apt_get("install", "-qq", "--no-install-recommends", need.package)


def _apt_get(*arguments: str) -> None:
    root = [] if os.geteuid() == 0 else ["sudo"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = [*root, "apt-get", *arguments]
    try:
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env=environment)
    except subprocess.CalledProcessError:
        sys.exit(f"apt-get {arguments[0]} failed; its output above says why.")
