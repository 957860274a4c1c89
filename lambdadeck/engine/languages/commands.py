"""The commands that start runtimes with this machine's toolchains; Python's is in launch.py."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lambdadeck.engine.languages import clients, javascript_sdk, toolchains
from lambdadeck.engine.languages.clients import RUNTIMES
from lambdadeck.engine.model import FunctionSpec

HEAP_SHARE = 0.85  # of the function's memory, as in AWS's Java runtimes


@dataclass(frozen=True)
class Command:
    """Words, label for INIT_START, variables that the function may override, three folders.

    A container shows `runtime` at /var/runtime, `modules` in it at node_modules, and `toolchain` at
    /var/lang and at its own path; without a toolchain Python's runtime and toolchain stand there. A
    `prepared` command is Python with our bootstrap.
    """

    words: list[str]
    label: str
    variables: Mapping[str, str] = field(default_factory=dict)
    runtime: Path | None = None
    toolchain: Path | None = None
    modules: Path | None = None
    prepared: bool = False


def nodejs(spec: FunctionSpec) -> Command:
    """Return the command of Node.js with our client; layers hold nodejs/node_modules."""
    node, runtime = toolchains.node(), RUNTIMES / "nodejs"
    opt = spec.layers[0] if spec.layers else Path("/opt")
    version = "node" + spec.runtime.removeprefix("nodejs").removesuffix(".x")
    layers = [opt / "nodejs" / version / "node_modules", opt / "nodejs" / "node_modules"]
    sdk = javascript_sdk.installed()
    places = [*layers, sdk or runtime / "node_modules", runtime, spec.code]
    label = runs_as(spec.runtime, "nodejs", node.version)
    variables = {"NODE_PATH": os.pathsep.join(map(str, places))}
    words = [str(node.program), str(runtime / "bootstrap.js")]
    return Command(words, label, variables, runtime, node.program.parents[1], sdk)


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
    label = runs_as(spec.runtime, "java", jdk.version)
    return Command(words, label, runtime=client, toolchain=jdk.home)


def csharp(spec: FunctionSpec) -> Command:
    """Return the command of .NET, or Mono, with our client."""
    tool = toolchains.csharp()
    client = clients.csharp(tool)
    label = runs_as(spec.runtime, "dotnet", tool.version)
    if tool.name == "mono":
        label = f"mono:{tool.version} (asked for {spec.runtime}; .NET is not on this machine)"
    heap = f"{int(spec.memory_mb * 1024 * 1024 * HEAP_SHARE):X}"  # .NET reads it as hexadecimal
    variables = {"DOTNET_GCHeapHardLimit": heap, "DOTNET_TieredPGO": "0"}
    words = [str(tool.program), str(client / tool.bootstrap)]
    return Command(words, label, variables, client, tool.toolchain)


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
