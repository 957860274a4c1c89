"""What the tests need of the machine beyond Python packages: look, name, and install when asked to."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lambdadeck.engine.languages import toolchains

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Need:
    """A system package, and what the tests can do with it."""

    package: str
    purpose: str
    is_here: Callable[[], bool]


def chromium() -> str | None:
    """The path of a Chromium: the machine's own, else playwright's; None when there is neither."""
    for name in CHROMIUMS:
        if path := shutil.which(name):
            return path
    return _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def speaks(find: Callable[[], object]) -> bool:
    """Whether a language's toolchain is to be found."""
    try:
        find()
    except toolchains.MissingToolchainError:
        return False
    return True


NEEDS = (
    Need(
        "chromium", "the tests that open the deck in a real browser", lambda: chromium() is not None
    ),
    Need("nodejs", "the tests of functions in Node.js", lambda: speaks(toolchains.node)),
    Need("default-jdk-headless", "the tests of functions in Java", lambda: speaks(toolchains.jdk)),
    Need("mono-mcs", "the tests of functions in C#", lambda: speaks(toolchains.csharp)),
)


def missing() -> list[Need]:
    """What is not here."""
    return [need for need in NEEDS if not need.is_here()]


def advice(needs: list[Need]) -> str:
    """A sentence for each missing package: what is skipped without it, and how to get it."""
    return "\n".join(
        f"Without {need.package}, {need.purpose} are skipped. Get it with: scripts/test --install"
        for need in needs
    )


def install(needs: list[Need]) -> None:
    """Install the packages with apt-get; raises SystemExit with a sentence where that cannot be done."""
    names = [need.package for need in needs]
    if shutil.which("apt-get") is None:
        sys.exit(
            f"There is no apt-get here: install {', '.join(names)} the way this system does, then start again."
        )
    root = [] if os.geteuid() == 0 else ["sudo"]
    print(f"Installing {', '.join(names)} with apt-get …", flush=True)
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "--no-install-recommends", *names],
    ):
        try:
            subprocess.run(
                [*root, *command],
                check=True,
                stdin=subprocess.DEVNULL,
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            )
        except subprocess.CalledProcessError:
            sys.exit(f"apt-get could not install {', '.join(names)}; its reason stands above.")
