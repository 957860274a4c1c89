"""Compile our runtime interface clients in Java and C# once per machine.

They are the files in runtimes/java and runtimes/csharp that ask the Runtime API for events. A
function's own code is compiled when it is packed.
"""

import json
from functools import partial
from pathlib import Path

from lambdadeck.engine.languages import cache, compilers
from lambdadeck.engine.languages.compilers import Sources
from lambdadeck.engine.languages.toolchains import Dotnet, Jdk, Mono

RUNTIMES = Path(__file__).parents[1] / "runtimes"
CORE = "Amazon.Lambda.Core.dll"  # AWS's assembly with ILambdaContext


def java(jdk: Jdk) -> Path:
    """Return the folder with the compiled client, a class path."""
    sources = _sources("java", "**/*.java")
    made_from = [compilers.JAVA_RELEASE, *sources.contents()]
    return cache.kept("java", made_from, partial(compilers.java, jdk, sources))


def csharp(tool: Dotnet | Mono) -> Path:
    """Return the folder with bootstrap.exe (Mono) or bootstrap.dll (.NET) and ILambdaContext."""
    core, program = _sources("csharp", "core/*.cs"), _sources("csharp", "*.cs")

    def make(target: Path) -> None:
        compilers.csharp(tool, core, target / CORE)
        compilers.csharp(tool, program, target / tool.bootstrap, target / CORE)
        if isinstance(tool, Dotnet):
            (target / "bootstrap.runtimeconfig.json").write_text(json.dumps(_configuration(tool)))

    made_from = [tool.name, tool.version, *core.contents(), *program.contents()]
    return cache.kept("csharp", made_from, make)


def _sources(language: str, pattern: str) -> Sources:
    folder = RUNTIMES / language
    return Sources(folder, sorted(path.relative_to(folder) for path in folder.glob(pattern)))


def _configuration(tool: Dotnet) -> dict[str, object]:
    """Return .NET's runtimeconfig: the framework, a small heap, no culture data."""
    settings = {
        "System.GC.Server": False,
        "System.GC.Concurrent": False,
        "System.Globalization.Invariant": True,
    }
    framework = {"name": "Microsoft.NETCore.App", "version": tool.version}
    return {"runtimeOptions": {"framework": framework, "configProperties": settings}}
