"""The commands that start runtimes with this machine's toolchains; Python's is in launch.py."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lambdadeck.engine.languages import clients, toolchains
from lambdadeck.engine.languages.clients import RUNTIMES
from lambdadeck.engine.model import FunctionSpec

HEAP_SHARE = 0.85  # of the function's memory, as in AWS's Java runtimes


@dataclass(frozen=True)
class Command:
    """Words, label for INIT_START, and variables that the function may override."""

    words: list[str]
    label: str
    variables: Mapping[str, str] = field(default_factory=dict)


def nodejs(spec: FunctionSpec) -> Command:
    """Return the command of Node.js with our client; layers hold nodejs/node_modules."""
    node = toolchains.node()
    layers = [str(layer) for layer in spec.layers]
    modules = os.pathsep.join(f"{layer}/nodejs/node_modules" for layer in layers)
    words = [str(node.program), str(RUNTIMES / "nodejs" / "bootstrap.js"), *layers]
    label = runs_as(spec.runtime, "nodejs", node.version)
    return Command(words, label, {"NODE_PATH": modules} if modules else {})


def java(spec: FunctionSpec) -> Command:
    """Return the command of the JVM with AWS's options: one compiler, the serial collector."""
    jdk = toolchains.jdk()
    client = clients.java(jdk)
    layers = [layer / "java" / "lib" / "*" for layer in spec.layers]
    path = os.pathsep.join(map(str, [client, spec.code, spec.code / "lib" / "*", *layers]))
    options = [
        f"-XX:MaxHeapSize={int(spec.memory_mb * 1024 * HEAP_SHARE)}k",
        "-XX:+UseSerialGC",
        "-Xshare:auto",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-Dfile.encoding=UTF-8",
        "-Djava.net.preferIPv4Stack=true",
    ]
    program = ["-cp", path, "lambdadeck.Bootstrap", str(client), *map(str, spec.layers)]
    words = [str(jdk.java), *options, *program]
    return Command(words, runs_as(spec.runtime, "java", jdk.version))


def csharp(spec: FunctionSpec) -> Command:
    """Return the command of .NET, or Mono, with our client."""
    tool = toolchains.csharp()
    program = clients.csharp(tool) / tool.bootstrap
    label = runs_as(spec.runtime, "dotnet", tool.version)
    if tool.name == "mono":
        label = f"mono:{tool.version} (asked for {spec.runtime}; .NET is not on this machine)"
    heap = f"{int(spec.memory_mb * 1024 * 1024 * HEAP_SHARE):X}"  # .NET reads it as hexadecimal
    variables = {"DOTNET_GCHeapHardLimit": heap, "DOTNET_TieredPGO": "0"}
    return Command([str(tool.program), str(program)], label, variables)


def provided(spec: FunctionSpec) -> Command:
    """Return the command of a custom runtime: `bootstrap` in the package or a layer."""
    places = [folder / "bootstrap" for folder in (spec.code, *spec.layers)]
    program = next((place for place in places if place.is_file()), None)
    if program is None:
        raise OSError(
            f"Couldn't find valid bootstrap(s): {spec.runtime} runs the file bootstrap at the top "
            "of the package or of a layer, and there is none."
        )
    if not os.access(program, os.X_OK):
        raise OSError("bootstrap may not be executed: run chmod +x bootstrap, then pack it again.")
    label = f"{spec.runtime.replace('.', ':', 1)} (this machine's own system)"
    return Command([str(program)], label)


def runs_as(runtime: str, family: str, version: str) -> str:
    """Return the label for INIT_START: the running version, and the requested one if it differs."""
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
