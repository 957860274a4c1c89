"""Java and C# become what Lambda runs: .class files, an assembly. Done when a function is packed, never by the engine.

Both compile against what a function finds at run time: the JDK or .NET, AWS's context interface, and the libraries in
its own folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from lambdadeck.engine.languages import cache, clients, compilers, toolchains
from lambdadeck.engine.languages.toolchains import Dotnet, Jdk, Mono

SOURCES = {".java", ".cs", ".csproj"}
_NOT_OURS = {
    "bin",
    "obj",
    "node_modules",
    "__pycache__",
    ".ipynb_checkpoints",
}  # what other tools put there


def compiled(folder: Path) -> Path:
    """The folder as Lambda runs it: `folder` itself, or a copy in which what was compiled stands in for the sources.

    The same sources and compiler give the same files, which are kept. Raises toolchains.MissingToolchainError when this machine has
    no compiler, compilers.CompileError with the compiler's words.
    """
    root = folder.resolve()  # compilers run inside it
    files = sorted(_files(root)) if root.is_dir() else []
    kinds = {path.suffix for path in files}
    if ".java" in kinds:
        jdk = toolchains.jdk()
        client = clients.java(jdk)  # even if the function is kept: the engine is not to wait for it
        return _kept(
            "java-function",
            root,
            files,
            jdk.version,
            lambda target: _java(jdk, client, root, files, target),
        )
    if ".cs" in kinds:
        tool = toolchains.csharp()
        client, version = clients.csharp(tool), f"{tool.name} {tool.version}"
        return _kept(
            "csharp-function",
            root,
            files,
            version,
            lambda target: _csharp(tool, client, root, files, target),
        )
    return folder


def assembly(folder: Path) -> str:
    """The name of a C# function's assembly: its project file's, else its folder's."""
    return next((path.stem for path in sorted(folder.glob("*.csproj"))), folder.name)


def _kept(name: str, folder: Path, files: list[Path], version: str, make: cache.Make) -> Path:
    contents = [
        part for path in files for part in (path.relative_to(folder).as_posix(), path.read_bytes())
    ]
    return cache.kept(name, [version, assembly(folder), *contents], make)


def _java(jdk: Jdk, client: Path, folder: Path, files: list[Path], target: Path) -> None:
    _copy_others(folder, files, target)
    libraries = [client, *(path for path in files if path.suffix == ".jar")]
    compilers.java(
        jdk, folder, [path for path in files if path.suffix == ".java"], target, libraries
    )


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
        if path.is_file() and not _NOT_OURS & set(path.relative_to(folder).parts):
            yield path
