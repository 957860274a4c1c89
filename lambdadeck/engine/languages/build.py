"""Compile Java to .class files and C# to an assembly when a function is packed.

Both compile against what a function finds at run time: the JDK or .NET, AWS's context interface,
and the libraries in its own folder.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from lambdadeck.engine.languages import cache, clients, compilers, toolchains
from lambdadeck.engine.languages.compilers import Sources

SOURCES = {".java", ".cs", ".csproj"}
_OTHER_TOOLS = {"bin", "obj", "node_modules", "__pycache__", ".ipynb_checkpoints"}


def compiled(folder: Path) -> Path:
    """Return the folder as Lambda runs it: `folder`, or a cached copy with compiled sources.

    Raise toolchains.MissingToolchainError if this machine has no compiler, and
    compilers.CompileError with the compiler's output.
    """
    root = folder.resolve()  # compilers run inside it
    sources = Sources(root, sorted(_files(root)) if root.is_dir() else [])
    if sources.of(".java"):
        jdk = toolchains.jdk()
        client = clients.java(jdk)  # even if the function is cached, so that no cold start waits
        made_by = f"java {jdk.version}"
        return _kept(made_by, sources, lambda to: compilers.java(jdk, sources, to, client))
    if sources.of(".cs"):
        tool = toolchains.csharp()
        core, name = clients.csharp(tool) / clients.CORE, f"{assembly(root)}.dll"
        made_by = f"{tool.name} {tool.version} {name}"
        return _kept(made_by, sources, lambda to: compilers.csharp(tool, sources, to / name, core))
    return folder


def assembly(folder: Path) -> str:
    """Return the name of a C# function's assembly: its project file's, else its folder's."""
    return next((path.stem for path in sorted(folder.glob("*.csproj"))), folder.name)


def _kept(made_by: str, sources: Sources, compile_to: Callable[[Path], None]) -> Path:
    def make(target: Path) -> None:
        for path in sources.files:
            if path.suffix not in SOURCES:
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(sources.folder / path, target / path)
        compile_to(target)

    return cache.kept("function", [made_by, *sources.contents()], make)


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        within = path.relative_to(folder)
        if path.is_file() and not _OTHER_TOOLS & set(within.parts):
            yield within
