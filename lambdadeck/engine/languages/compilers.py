"""javac, and C#'s compiler: sources in, what a runtime loads out."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from lambdadeck.engine.languages.toolchains import Dotnet, Jdk, Mono

LIMIT_S = 120.0
SHOWN_LINES = 12
JAVA_RELEASE = "17"  # what comes out runs on every Java from 17 on, here and in AWS


class CompileError(ValueError):
    """The compiler refuses the sources; the message is the compiler's, with file and line."""


def java(
    jdk: Jdk, folder: Path, sources: Iterable[Path], classes: Path, libraries: Sequence[Path] = ()
) -> None:
    """Compile a folder's sources to .class files below `classes`; raises CompileError."""
    # Plain string concatenation: the usual kind assembles itself at the first use, in the middle of a cold start.
    options = [
        "--release",
        JAVA_RELEASE,
        "-encoding",
        "UTF-8",
        "-XDstringConcat=inline",
        "-proc:none",
    ]
    where = ["-d", classes, "-cp", os.pathsep.join(map(str, libraries))]
    _run(folder, [jdk.javac, *options, *where, *_within(folder, sources)])


def csharp(
    tool: Dotnet | Mono,
    folder: Path,
    sources: Iterable[Path],
    output: Path,
    references: Sequence[Path] = (),
) -> None:
    """Compile a folder's sources to an assembly: a library, or a program if `output` is called bootstrap.

    Raises CompileError.
    """
    kind = "exe" if output.stem == "bootstrap" else "library"
    options = ["-nologo", f"-target:{kind}", f"-out:{output}", "-debug-"]
    if isinstance(tool, Mono):
        _run(
            folder,
            [
                tool.compiler,
                *options,
                *[f"-r:{path}" for path in references],
                *_within(folder, sources),
            ],
        )
        return
    referred = [f"-r:{path}" for path in [*sorted(tool.libraries.glob("*.dll")), *references]]
    options += ["-noconfig", "-nostdlib", "-deterministic"]
    _run(folder, [tool.program, tool.compiler, *options, *referred, *_within(folder, sources)])


def _within(folder: Path, sources: Iterable[Path]) -> list[Path]:
    """As seen from the folder: messages name the file, and not whose machine it is on."""
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
