"""Our own runtime interface clients in Java and C#, compiled once a machine and kept in the cache.

A function's code is compiled when it is packed, never here: these are the few files in runtimes/java and
runtimes/csharp that ask the Runtime API for events, as AWS's own runtimes bring such a client along.
"""

from __future__ import annotations

import json
from pathlib import Path

from lambdadeck.engine.languages import cache, compilers
from lambdadeck.engine.languages.toolchains import Dotnet, Jdk, Mono

SOURCES = Path(__file__).parents[1] / "runtimes"
CORE = "Amazon.Lambda.Core.dll"  # the name under which AWS publishes ILambdaContext


def java(jdk: Jdk, root: Path | None = None) -> Path:
    """The folder with the compiled client, a class path of its own; `root` is another cache folder."""
    folder = SOURCES / "java"
    sources = sorted(folder.rglob("*.java"))
    made_from = [compilers.JAVA_RELEASE, *(path.read_bytes() for path in sources)]
    return cache.kept(
        "java", made_from, lambda target: compilers.java(jdk, folder, sources, target), root
    )


def csharp(tool: Dotnet | Mono, root: Path | None = None) -> Path:
    """The folder with the compiled client (bootstrap.exe for Mono, bootstrap.dll for .NET) and ILambdaContext."""
    folder = SOURCES / "csharp"
    sources = sorted(folder.rglob("*.cs"))

    def make(target: Path) -> None:
        core = [path for path in sources if path.parent.name == "core"]
        compilers.csharp(tool, folder, core, target / CORE)
        program = target / ("bootstrap.dll" if isinstance(tool, Dotnet) else "bootstrap.exe")
        compilers.csharp(
            tool, folder, [path for path in sources if path not in core], program, [target / CORE]
        )
        if isinstance(tool, Dotnet):
            (target / "bootstrap.runtimeconfig.json").write_text(json.dumps(_configuration(tool)))

    return cache.kept(
        "csharp", [tool.name, tool.version, *(path.read_bytes() for path in sources)], make, root
    )


def _configuration(tool: Dotnet) -> dict[str, object]:
    """What .NET reads beside a program: the framework to run on; no server-sized heap, no culture data to load."""
    settings = {
        "System.GC.Server": False,
        "System.GC.Concurrent": False,
        "System.Globalization.Invariant": True,
    }
    framework = {"name": "Microsoft.NETCore.App", "version": tool.version}
    return {"runtimeOptions": {"framework": framework, "configProperties": settings}}
