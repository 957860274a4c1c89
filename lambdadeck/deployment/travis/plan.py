"""What Travis CI's lambda provider would call, in which order, with which arguments: a plan, before anything is called."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lambdadeck.deployment.travis.conditions import Decision
from lambdadeck.deployment.travis.options import TO_CREATE, Setting
from lambdadeck.deployment.travis.package import Package
from lambdadeck.deployment.travis.parser import BadTravisFile, Block
from lambdadeck.reference import runtimes

DPL_NEWEST = {
    "Node.js": "nodejs20.x",
    "Python": "python3.8",
}  # dpl v2 (2025-04) accepts no newer ones
OURS = "added here"  # dpl ends without waiting; an invocation right after it could meet a function that is Pending
_ARGUMENTS = {  # option: boto3's argument, and how the option becomes it
    "runtime": ("Runtime", lambda value: value),
    "role": ("Role", lambda value: value),
    "description": ("Description", lambda value: value),
    "timeout": ("Timeout", lambda value: value),
    "memory_size": ("MemorySize", lambda value: value),
    "environment": ("Environment", lambda value: {"Variables": value}),
    "dead_letter_arn": ("DeadLetterConfig", lambda value: {"TargetArn": value}),
    "kms_key_arn": ("KMSKeyArn", lambda value: value),
    "tracing_mode": ("TracingConfig", lambda value: {"Mode": value}),
    "layers": ("Layers", lambda value: value),
}


@dataclass(frozen=True)
class Argument:
    """One argument of a call: boto3's name, what is shown (no secret), what is sent, and where it comes from."""

    name: str
    shown: str
    value: Any = field(repr=False)
    origin: str


@dataclass(frozen=True)
class Call:
    """One call of the Lambda client; an operation that begins with "wait" is one of its waiters."""

    operation: str
    arguments: tuple[Argument, ...]

    @property
    def sent(self) -> dict[str, Any]:
        """The keyword arguments for boto3."""
        return {argument.name: argument.value for argument in self.arguments}


@dataclass(frozen=True)
class Step:
    """What happens to one provider of the file: the decision, and the calls that follow from it."""

    block: Block
    decision: Decision
    settings: dict[str, Setting] = field(repr=False)
    calls: tuple[Call, ...] = ()
    exists: bool = False
    replaced: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The provider, and for lambda the function as the file writes it."""
        function = self.settings.get("function_name")
        return f"{self.block.provider} {function.shown}" if function else self.block.provider

    @property
    def notes(self) -> list[str]:
        """What to know before the calls: what is replaced, where this plan goes on and dpl would not, what is left out."""
        notes = (*self.replaced, self._runtime_note(), self._run_note())
        return [note for note in notes if note and self.decision.deploys]

    @property
    def secrets(self) -> tuple[tuple[str, str], ...]:
        """(what to show, what never to show) for every value that came from a variable or is a secret."""
        return tuple(pair for setting in self.settings.values() for pair in setting.secrets)

    def _runtime_note(self) -> str:
        stated = self.settings.get("runtime")
        newest = DPL_NEWEST.get(runtimes.language(stated.value)) if stated else None
        if newest is None or _numbers(stated.value) <= _numbers(newest):
            return ""
        return f"dpl itself stops at {newest} and would refuse {stated.shown}; this plan goes on"

    def _run_note(self) -> str:
        run = self.block.fields.get("run")
        return f"line {run.line}: run is a command for the build machine, left out" if run else ""


def calls(
    block: Block, settings: dict[str, Setting], code: Package, exists: bool
) -> tuple[Call, ...]:
    """The calls after get_function: the create flow, or the update flow if the function exists.

    BadTravisFile if the function is to be created without a role or a handler.
    """
    return _update(settings, code) if exists else _create(block, settings, code)


def ask(settings: dict[str, Setting]) -> Call:
    """The first call, which decides between creating and updating."""
    return Call("get_function", (_named(settings),))


def _create(block: Block, settings: dict[str, Setting], code: Package) -> tuple[Call, ...]:
    missing = [name for name in TO_CREATE if name not in settings]
    if missing:
        raise BadTravisFile(
            block.line,
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing, and "
            "the function is not there yet: to create it, the provider requires both "
            "role and handler_name.",
        )
    config = (
        *_configuration(settings),
        Argument("Code", *_code(settings, {"ZipFile": code.content}, code)),
    )
    tags = (_plain("Tags", settings["function_tags"]),) if "function_tags" in settings else ()
    return Call("create_function", config + tags), _wait("function_active_v2", settings)


def _update(settings: dict[str, Setting], code: Package) -> tuple[Call, ...]:
    wait = _wait("function_updated_v2", settings)
    found = [Call("update_function_configuration", _configuration(settings)), wait]
    if "function_tags" in settings:
        arn = Argument("Resource", "the function's ARN", None, "get_function")
        found += [Call("tag_resource", (arn, _plain("Tags", settings["function_tags"]))), wait]
    content = Argument("ZipFile", *_code(settings, code.content, code))
    upload = Call(
        "update_function_code", (_named(settings), content, _plain("Publish", settings["publish"]))
    )
    return (*found, upload, wait)


def _configuration(settings: dict[str, Setting]) -> tuple[Argument, ...]:
    stated = [(name, made) for name, made in _ARGUMENTS.items() if name in settings]
    plain = [
        Argument(title, settings[name].shown, make(settings[name].value), settings[name].origin)
        for name, (title, make) in stated
    ]
    return (_named(settings), *_handler(settings), *plain, *_network(settings))


def _handler(settings: dict[str, Setting]) -> tuple[Argument, ...]:
    """module.handler; :: joins them for Java and .NET, and Go has the handler alone."""
    if "handler_name" not in settings:
        return ()
    runtime, module, name = (settings[key] for key in ("runtime", "module_name", "handler_name"))
    joint = "::" if runtime.value.startswith(("java", "dotnet")) else "."
    if runtime.value.startswith("go"):
        return (_plain("Handler", name),)
    origin = f"lines {module.line}, {name.line}" if module.line else f"{name.origin}, default"
    return (
        Argument(
            "Handler",
            f"{module.shown}{joint}{name.shown}",
            f"{module.value}{joint}{name.value}",
            origin,
        ),
    )


def _network(settings: dict[str, Setting]) -> tuple[Argument, ...]:
    parts = {"SubnetIds": "subnet_ids", "SecurityGroupIds": "security_group_ids"}
    given = {title: settings[name] for title, name in parts.items() if name in settings}
    if not given:
        return ()
    shown = "; ".join(f"{title}: {setting.shown}" for title, setting in given.items())
    lines = ", ".join(setting.origin for setting in given.values())
    return (
        Argument(
            "VpcConfig", shown, {title: setting.value for title, setting in given.items()}, lines
        ),
    )


def _code(settings: dict[str, Setting], value: Any, code: Package) -> tuple[str, Any, str]:
    return f"{settings['zip'].shown}: {code}", value, settings["zip"].origin


def _named(settings: dict[str, Setting]) -> Argument:
    return _plain("FunctionName", settings["function_name"])


def _plain(title: str, setting: Setting) -> Argument:
    return Argument(title, setting.shown, setting.value, setting.origin)


def _wait(waiter: str, settings: dict[str, Setting]) -> Call:
    origin = OURS if waiter == "function_active_v2" else settings["function_name"].origin
    name = settings["function_name"]
    return Call(f"wait {waiter}", (Argument("FunctionName", name.shown, name.value, origin),))


def _numbers(identifier: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", identifier)]
