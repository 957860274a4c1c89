"""Run javac and the C# compiler."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from lambdadeck.engine.languages.toolchains import Dotnet, Jdk, Mono

LIMIT_S = 120.0
SHOWN_LINES = 12
JAVA_RELEASE = "17"  # runs on every Java from 17 on, here and in AWS


class CompileError(ValueError):
    """The sources do not compile; the message is the compiler's, with file and line."""


def java(
    jdk: Jdk, folder: Path, sources: Iterable[Path], classes: Path, libraries: Sequence[Path] = ()
) -> None:
    """Compile a folder's sources to .class files below `classes`; raise CompileError."""
    # The default string concatenation builds itself at first use, in the middle of a cold start.
    options = ["--release", JAVA_RELEASE, "-encoding", "UTF-8", "-proc:none"]
    where = ["-d", str(classes), "-cp", os.pathsep.join(map(str, libraries))]
    files = _within(folder, sources)
    _run(folder, [jdk.javac, *options, "-XDstringConcat=inline", *where, *files])


def csharp(
    tool: Dotnet | Mono,
    folder: Path,
    sources: Iterable[Path],
    output: Path,
    references: Sequence[Path] = (),
) -> None:
    """Compile a folder's sources to an assembly, a program if `output` is called bootstrap.

    Raise CompileError.
    """
    kind = "exe" if output.stem == "bootstrap" else "library"
    options = ["-nologo", f"-target:{kind}", f"-out:{output}", "-debug-"]
    options += [f"-r:{path}" for path in references]
    files = _within(folder, sources)
    if isinstance(tool, Mono):
        _run(folder, [tool.compiler, *options, *files])
        return
    options += [f"-r:{path}" for path in sorted(tool.libraries.glob("*.dll"))]
    options += ["-noconfig", "-nostdlib", "-deterministic"]
    _run(folder, [tool.program, tool.compiler, *options, *files])


def _within(folder: Path, sources: Iterable[Path]) -> list[Path]:
    """Return paths relative to the folder, so that messages do not name this machine's folders."""
    return [path.relative_to(folder) for path in sources]


def _run(folder: Path, command: Sequence[str | Path]) -> None:
    quiet = {
        "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
        "LC_ALL": "C.UTF-8",
    }
    result = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env={**os.environ, **quiet},
    )
    if result.returncode:
        said = (result.stdout + result.stderr).strip().splitlines()
        raise CompileError(
            "\n".join(said[:SHOWN_LINES]) or f"{command[0]} ended with {result.returncode}."
        )
