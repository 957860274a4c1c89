"""Compile Java to .class files and C# to an assembly when a function is packed.

Both compile against what a function finds at run time: the JDK or .NET, AWS's context interface,
and the libraries in its own folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from lambdadeck.engine.languages import cache, clients, compilers, toolchains
from lambdadeck.engine.languages.toolchains import Dotnet, Jdk, Mono

SOURCES = {".java", ".cs", ".csproj"}
_OTHER_TOOLS = {"bin", "obj", "node_modules", "__pycache__", ".ipynb_checkpoints"}


def compiled(folder: Path) -> Path:
    """Return the folder as Lambda runs it: `folder`, or a cached copy with compiled sources.

    Raise toolchains.MissingToolchainError if this machine has no compiler, and
    compilers.CompileError with the compiler's output.
    """
    root = folder.resolve()  # compilers run inside it
    files = sorted(_files(root)) if root.is_dir() else []
    kinds = {path.suffix for path in files}
    if ".java" in kinds:
        jdk = toolchains.jdk()
        client = clients.java(jdk)  # even if the function is cached, so that no cold start waits
        make = partial(_java, jdk, client, root, files)
        return _kept("java-function", root, files, jdk.version, make)
    if ".cs" in kinds:
        tool = toolchains.csharp()
        client, version = clients.csharp(tool), f"{tool.name} {tool.version}"
        return _kept(
            "csharp-function", root, files, version, partial(_csharp, tool, client, root, files)
        )
    return folder


def assembly(folder: Path) -> str:
    """Return the name of a C# function's assembly: its project file's, else its folder's."""
    return next((path.stem for path in sorted(folder.glob("*.csproj"))), folder.name)


def _kept(name: str, folder: Path, files: list[Path], version: str, make: cache.Make) -> Path:
    made_from: list[str | bytes] = [version, assembly(folder)]
    for path in files:
        made_from += [path.relative_to(folder).as_posix(), path.read_bytes()]
    return cache.kept(name, made_from, make)


def _java(jdk: Jdk, client: Path, folder: Path, files: list[Path], target: Path) -> None:
    _copy_others(folder, files, target)
    libraries = [client, *(path for path in files if path.suffix == ".jar")]
    sources = [path for path in files if path.suffix == ".java"]
    compilers.java(jdk, folder, sources, target, libraries)


def _csharp(
    tool: Dotnet | Mono, client: Path, folder: Path, files: list[Path], target: Path
) -> None:
    _copy_others(folder, files, target)
    libraries = [client / clients.CORE, *(path for path in files if path.suffix == ".dll")]
    sources = [path for path in files if path.suffix == ".cs"]
    compilers.csharp(tool, folder, sources, target / f"{assembly(folder)}.dll", libraries)


def _copy_others(folder: Path, files: list[Path], target: Path) -> None:
    for path in files:
        if path.suffix not in SOURCES:
            place = target / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not _OTHER_TOOLS & set(path.relative_to(folder).parts):
            yield path
