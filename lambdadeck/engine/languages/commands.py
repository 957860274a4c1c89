"""The command that starts each runtime, by what is on the machine. Python's is in launch.py: it needs no looking."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lambdadeck.engine.languages import clients, toolchains
from lambdadeck.engine.model import FunctionSpec

RUNTIMES = Path(__file__).parents[1] / "runtimes"
HEAP_SHARE = 0.85  # of the function's memory, as in AWS's Java runtimes


@dataclass(frozen=True)
class Command:
    """How to start a runtime: the words, what INIT_START says of it, and variables that the function may override."""

    words: list[str]
    label: str
    variables: Mapping[str, str] = field(default_factory=dict)


def nodejs(spec: FunctionSpec) -> Command:
    """Node.js with our client; layers bring nodejs/node_modules. Raises toolchains.MissingToolchainError."""
    node = toolchains.node()
    layers = [str(layer) for layer in spec.layers]
    modules = os.pathsep.join(f"{layer}/nodejs/node_modules" for layer in layers)
    words = [str(node.program), str(RUNTIMES / "nodejs" / "bootstrap.js"), *layers]
    return Command(
        words,
        runs_as(spec.runtime, "nodejs", node.version),
        {"NODE_PATH": modules} if modules else {},
    )


def java(spec: FunctionSpec) -> Command:
    """The Java virtual machine as AWS sets it up: one compiler, the serial collector. Raises toolchains.MissingToolchainError."""
    jdk = toolchains.jdk()
    client = clients.java(jdk)
    path = [
        client,
        spec.code,
        spec.code / "lib" / "*",
        *(layer / "java" / "lib" / "*" for layer in spec.layers),
    ]
    options = [
        f"-XX:MaxHeapSize={int(spec.memory_mb * 1024 * HEAP_SHARE)}k",
        "-XX:+UseSerialGC",
        "-Xshare:auto",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-Dfile.encoding=UTF-8",
        "-Djava.net.preferIPv4Stack=true",
    ]
    words = [
        str(jdk.java),
        *options,
        "-cp",
        os.pathsep.join(map(str, path)),
        "lambdadeck.Bootstrap",
        str(client),
        *map(str, spec.layers),
    ]
    return Command(words, runs_as(spec.runtime, "java", jdk.version))


def csharp(spec: FunctionSpec) -> Command:
    """.NET, or Mono in its place, with our client. Raises toolchains.MissingToolchainError."""
    tool = toolchains.csharp()
    program = clients.csharp(tool) / ("bootstrap.dll" if tool.name == "dotnet" else "bootstrap.exe")
    label = runs_as(spec.runtime, "dotnet", tool.version)
    if tool.name == "mono":
        label = f"mono:{tool.version} (asked for {spec.runtime}; .NET is not on this machine)"
    heap = f"{int(spec.memory_mb * 1024 * 1024 * HEAP_SHARE):X}"  # .NET reads it as hexadecimal
    return Command(
        [str(tool.program), str(program)],
        label,
        {"DOTNET_GCHeapHardLimit": heap, "DOTNET_TieredPGO": "0"},
    )


def provided(spec: FunctionSpec) -> Command:
    """A runtime that the function brings along: the program `bootstrap` in its package or a layer. Raises OSError."""
    places = [folder / "bootstrap" for folder in (spec.code, *spec.layers)]
    program = next((place for place in places if place.is_file()), None)
    if program is None:
        raise OSError(
            f"Couldn't find valid bootstrap(s): {spec.runtime} runs the file bootstrap at the top of the "
            "package or of a layer, and there is none."
        )
    if not os.access(program, os.X_OK):
        raise OSError("bootstrap may not be executed: run chmod +x bootstrap, then pack it again.")
    return Command(
        [str(program)], f"{spec.runtime.replace('.', ':', 1)} (this machine's own system)"
    )


def runs_as(runtime: str, family: str, version: str) -> str:
    """What INIT_START says: the version that runs, and the one that was asked for if it is another."""
    here, asked = f"{family}:{version}", runtime.removeprefix(family).split(".x")[0].split(".al")[0]
    if f"{version}.".startswith(f"{asked}."):
        return here
    return f"{here} (asked for {runtime}, which is not on this machine)"


COMMANDS: Mapping[str, Callable[[FunctionSpec], Command]] = {
    "nodejs": nodejs,
    "java": java,
    "dotnet": csharp,
    "provided": provided,
}
