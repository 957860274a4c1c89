"""Run javac and the C# compiler."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lambdadeck.engine.languages.toolchains import Dotnet, Jdk, Mono

LIMIT_S = 120.0
SHOWN_LINES = 12
JAVA_RELEASE = "17"  # runs on every Java from 17 on, here and in AWS


class CompileError(ValueError):
    """The sources do not compile; the message is the compiler's, with file and line."""


@dataclass(frozen=True)
class Sources:
    """Files of one folder, with paths relative to it: messages do not name this machine's folders.

    They are source files, libraries that these need, and others.
    """

    folder: Path
    files: list[Path]

    def of(self, suffix: str) -> list[Path]:
        return [path for path in self.files if path.suffix == suffix]

    def contents(self) -> Iterator[str | bytes]:
        """Yield what decides how they are compiled: names and bytes."""
        for path in self.files:
            yield path.as_posix()
            yield (self.folder / path).read_bytes()


def java(jdk: Jdk, sources: Sources, classes: Path, *libraries: Path) -> None:
    """Compile to .class files below `classes`; raise CompileError."""
    # The default string concatenation builds itself at first use, in the middle of a cold start.
    options = ["--release", JAVA_RELEASE, "-encoding", "UTF-8", "-proc:none"]
    class_path = os.pathsep.join(map(str, [*libraries, *sources.of(".jar")]))
    options += ["-XDstringConcat=inline", "-d", str(classes), "-cp", class_path]
    _run(sources.folder, jdk.javac, *options, *sources.of(".java"))


def csharp(tool: Dotnet | Mono, sources: Sources, output: Path, *libraries: Path) -> None:
    """Compile to an assembly, a program if `output` is called bootstrap; raise CompileError."""
    kind = "exe" if output.stem == "bootstrap" else "library"
    options = ["-nologo", f"-target:{kind}", f"-out:{output}", "-debug-"]
    options += [f"-r:{path}" for path in [*libraries, *sources.of(".dll")]]
    if isinstance(tool, Mono):
        _run(sources.folder, tool.compiler, *options, *sources.of(".cs"))
        return
    options += [f"-r:{path}" for path in sorted(tool.libraries.glob("*.dll"))]
    options += ["-noconfig", "-nostdlib", "-deterministic"]
    _run(sources.folder, tool.program, tool.compiler, *options, *sources.of(".cs"))


def _run(folder: Path, *command: str | Path) -> None:
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
