"""Compile our runtime interface clients in Java and C# once per machine.

They are the files in runtimes/java and runtimes/csharp that ask the Runtime API for events. A
function's own code is compiled when it is packed.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from lambdadeck.engine.languages import cache, compilers
from lambdadeck.engine.languages.toolchains import Dotnet, Jdk, Mono

SOURCES = Path(__file__).parents[1] / "runtimes"
CORE = "Amazon.Lambda.Core.dll"  # AWS's assembly with ILambdaContext


def java(jdk: Jdk, root: Path | None = None) -> Path:
    """Return the folder with the compiled client, a class path; `root` replaces the cache."""
    folder = SOURCES / "java"
    sources = sorted(folder.rglob("*.java"))
    made_from = [compilers.JAVA_RELEASE.encode(), *(path.read_bytes() for path in sources)]
    return cache.kept("java", made_from, partial(compilers.java, jdk, folder, sources), root)


def csharp(tool: Dotnet | Mono, root: Path | None = None) -> Path:
    """Return the folder with bootstrap.exe (Mono) or bootstrap.dll (.NET) and ILambdaContext."""
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
    """Return .NET's runtimeconfig: the framework, a small heap, no culture data."""
    settings = {
        "System.GC.Server": False,
        "System.GC.Concurrent": False,
        "System.Globalization.Invariant": True,
    }
    framework = {"name": "Microsoft.NETCore.App", "version": tool.version}
    return {"runtimeOptions": {"framework": framework, "configProperties": settings}}
