"""Find Node.js, a JDK, and .NET or Mono on the user's PATH.

Functions get another PATH, so each tool is asked for its real location, behind nvm, SDKMAN! or
asdf. Asking takes as long as a cold start, so the answer is cached.
"""

import functools
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from lambdadeck.engine.languages import cache

ASKING_LIMIT_S = 30.0
OLDEST_NODE, OLDEST_JDK = 18, 17


_INSTALL = {  # on Debian, on macOS
    "Node.js": ("apt-get install nodejs", "brew install node"),
    "Java": ("apt-get install default-jdk-headless", "brew install --cask temurin"),
    "C#": ("apt-get install mono-mcs", "brew install --cask dotnet-sdk"),
}


class MissingToolchainError(OSError):
    """A required toolchain is not installed; the message says which and how to install it.

    `instead` is an unsuitable version that is installed; `debian` replaces the command for Debian.
    `short` is the message for a table that names the language already.
    """

    def __init__(self, language: str, needed: str, instead: str = "", debian: str = "") -> None:
        found = f"only {instead}" if instead else "none"
        usual, macos = _INSTALL[language]
        command = macos if sys.platform == "darwin" else debian or usual
        super().__init__(
            f"{language} functions need {needed}; this machine has {found}. Install it: {command}"
        )
        self.short = f"needs {needed}, here {found}: {command}"


@dataclass(frozen=True)
class Node:
    """Node.js: the program and its version."""

    program: Path
    version: str


@dataclass(frozen=True)
class Jdk:
    """A Java Development Kit: its home and its version."""

    home: Path
    version: str

    @property
    def java(self) -> Path:
        return self.home / "bin" / "java"

    @property
    def javac(self) -> Path:
        return self.home / "bin" / "javac"


@dataclass(frozen=True)
class Dotnet:
    """.NET's SDK: the program, the versions of the newest SDK and of the runtime beside it."""

    program: Path
    sdk: str
    version: str
    name = "dotnet"
    bootstrap = "bootstrap.dll"

    @property
    def toolchain(self) -> Path:
        return self.program.parent

    @property
    def compiler(self) -> Path:
        return self.program.parent / "sdk" / self.sdk / "Roslyn" / "bincore" / "csc.dll"

    @property
    def libraries(self) -> Path:
        return self.program.parent / "shared" / "Microsoft.NETCore.App" / self.version


@dataclass(frozen=True)
class Mono:
    """Mono, in place of .NET: the program, its compiler, its version."""

    program: Path
    compiler: Path
    version: str
    name = "mono"
    bootstrap = "bootstrap.exe"

    @property
    def toolchain(self) -> Path:
        return self.program.resolve().parents[1]


def node() -> Node:
    """Return Node.js 18 or newer; raise MissingToolchainError."""
    said = _ask("node", "-p", "process.execPath + '\\n' + process.versions.node")
    program, version = (said or "\n0").splitlines()[-2:]
    if _major(version) < OLDEST_NODE:
        needed = f"Node.js {OLDEST_NODE} or newer"
        raise MissingToolchainError("Node.js", needed, version if said else "")
    return Node(Path(program), version)


def jdk() -> Jdk:
    """Return a JDK 17 or newer from JAVA_HOME or the PATH; raise MissingToolchainError."""
    home = os.environ.get("JAVA_HOME")
    own = str(Path(home) / "bin" / "java") if home else "java"
    said = _ask(own if shutil.which(own) else "java", "-XshowSettings:properties", "-version") or ""
    found = dict(re.findall(r"^\s*(java\.home|java\.version) = (.+?)\s*$", said, re.MULTILINE))
    here = Jdk(Path(found.get("java.home", "")), found.get("java.version", "0"))
    if _major(here.version) >= OLDEST_JDK and here.javac.exists():
        return here
    instead = f"Java {here.version}" + ("" if here.javac.exists() else " without its compiler")
    raise MissingToolchainError("Java", f"a JDK {OLDEST_JDK} or newer", instead if found else "")


def csharp() -> Dotnet | Mono:
    """Return .NET's SDK, else Mono with its compiler; raise MissingToolchainError."""
    found = _dotnet() or _mono()
    if found is None:
        raise MissingToolchainError("C#", ".NET's SDK, or Mono")
    return found


def _dotnet() -> Dotnet | None:
    sdks = re.findall(r"^(\S+) \[(.+)\]$", _ask("dotnet", "--list-sdks") or "", re.MULTILINE)
    said = _ask("dotnet", "--list-runtimes") or ""
    runtimes = re.findall(r"^Microsoft\.NETCore\.App (\S+) \[", said, re.MULTILINE)
    for sdk, folder in sorted(sdks, key=lambda row: _numbers(row[0]), reverse=True):
        beside = [version for version in runtimes if _major(version) == _major(sdk)]
        if beside:
            return Dotnet(Path(folder).parent / "dotnet", sdk, max(beside, key=_numbers))
    return None


def _mono() -> Mono | None:
    program, compiler = shutil.which("mono"), shutil.which("mcs")
    version = re.search(r"version (\S+)", _ask("mono", "--version") or "")
    if not (program and compiler and version):
        return None
    return Mono(Path(program), Path(compiler), version[1])


def _ask(program: str, *arguments: str) -> str | None:
    """Return the output of a program; None if it is missing or fails."""
    path = shutil.which(program)
    return None if path is None else _said(path, arguments, os.stat(path).st_mtime_ns)


@functools.cache
def _said(path: str, arguments: tuple[str, ...], changed: int) -> str | None:
    def ask(target: Path) -> None:
        answer = subprocess.run(
            [path, *arguments],
            capture_output=True,
            text=True,
            timeout=ASKING_LIMIT_S,
            stdin=subprocess.DEVNULL,
            check=True,
        )
        (target / "said").write_text(answer.stdout + answer.stderr)

    try:
        return (cache.kept("asked", [path, *arguments, str(changed)], ask) / "said").read_text()
    except (subprocess.SubprocessError, OSError):
        return None


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _major(version: str) -> int:
    return next(iter(_numbers(version)), 0)
