"""What Travis CI's lambda provider would call, with which arguments; and the calls, made."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from lambdadeck import functions
from lambdadeck.deployment.travis.options import KEYS, Setting, Settings
from lambdadeck.reference import runtimes
from lambdadeck.shared.table import Table, text

DPL_NEWEST = {"Node.js": "nodejs20.x", "Python": "python3.8"}  # dpl v2 (2025-04) refuses newer ones
HEADERS = ("call", "argument", "value", "from")
_ARGUMENTS = {"Runtime": "runtime", "Role": "role", "Description": "description"}
_ARGUMENTS |= {"Timeout": "timeout", "MemorySize": "memory_size"}


class Call(NamedTuple):
    """One call of the Lambda client; an operation that begins with "wait" is one of its waiters."""

    operation: str
    arguments: Settings

    @property
    def sent(self) -> dict[str, Any]:
        """Return the keyword arguments for boto3."""
        return {name: one.value for name, one in self.arguments.items()}


@dataclass(frozen=True, repr=False)
class Plan(Table):
    """What would be called, one argument a row; `secrets` are pairs: what to show, the value."""

    client: Any = None
    calls: Sequence[Call] = ()
    secrets: Sequence[tuple[str, str]] = ()

    def beside(self, running: Mapping[str, object]) -> Table:
        """Compare the plan with what get_function_configuration returns."""
        rows = []
        for name, value in (self.calls[1].sent if self.calls else {}).items():
            asked, runs = text(value), text(running.get(name, "–"))
            if name not in ("Code", "Description"):
                rows.append((name, asked, "same" if asked == runs else f"{runs}: differs"))
        return Table(("setting", "asked", "runs"), rows)


@dataclass(frozen=True, repr=False)
class Deployment(Table):
    """The calls that were made, one a row; `error` is "code: message" if the last one failed."""

    error: str | None = None


def planned(stated: Settings, code: Setting, client: Any, notes: Sequence[str]) -> Plan:
    """Return the plan that deploys `code`; `client` is asked if the function exists."""
    ask, exists = Call("get_function", {"FunctionName": stated["function_name"]}), False
    with suppress(client.exceptions.ResourceNotFoundException):
        exists = bool(client.get_function(**ask.sent))
    calls = [ask, *needed(stated, code, exists)]
    key, secret, region = (stated[name] for name in (*KEYS, "region"))
    keys = f"{key.shown}, {secret.shown}", f"lines {key.origin[5:]}, {secret.origin[5:]}"
    rows = [("client", "keys", *keys), ("", "region", region.shown, region.origin)]
    for at, call in enumerate(calls, 1):
        for place, (name, one) in enumerate(call.arguments.items()):
            rows.append(("" if place else f"{at} {call.operation}", name, one.shown, one.origin))
    caption = " ".join(f"{note}." for note in [*notes, *_beyond_dpl(stated["runtime"])])
    return Plan(HEADERS, rows, caption, client=client, calls=calls)


def needed(stated: Settings, code: Setting, exists: bool) -> list[Call]:
    """Return the calls that update a function that `exists`, or that create it."""
    named = {"FunctionName": stated["function_name"]}
    module, handler = stated["module_name"], stated["handler_name"]
    joint = "::" if stated["runtime"].value.startswith(("java", "dotnet")) else "."
    value, shown = f"{module.value}{joint}{handler.value}", f"{module.shown}{joint}{handler.shown}"
    lines = f"lines {module.origin[5:]}, {handler.origin[5:]}"
    origin = f"{handler.origin}, default" if module.origin == "default" else lines
    wanted = {**named, "Handler": Setting(value, shown, origin)}
    wanted |= {title: stated[option] for title, option in _ARGUMENTS.items()}
    wanted["TracingConfig"] = Setting({"Mode": "PassThrough"}, "PassThrough")
    if exists:
        wait, publish = Call("wait function_updated_v2", named), Setting(False, "False")
        upload = Call("update_function_code", {**named, "ZipFile": code, "Publish": publish})
        return [Call("update_function_configuration", wanted), wait, upload, wait]
    wanted["Code"] = replace(code, value={"ZipFile": code.value})
    ours = {"FunctionName": replace(stated["function_name"], origin="added here")}  # not dpl's
    return [Call("create_function", wanted), Call("wait function_active_v2", ours)]


def _beyond_dpl(runtime: Setting) -> list[str]:
    newest = DPL_NEWEST.get(runtimes.language(runtime.value), runtime.value)
    note = f"dpl itself stops at {newest} and would refuse {runtime.shown}; this plan goes on"
    return [note] if runtimes.version(runtime.value) > runtimes.version(newest) else []


def carry_out(plan: Plan) -> Deployment:
    """Make the calls until one fails; no secret ends up in the deployment."""
    made, headers = list[tuple[str, str, str]](), ("call", "what came back", "ms")
    for call in plan.calls:
        began = time.perf_counter()
        came, failed = _make(plan.client, call)
        for shown, value in sorted(plan.secrets, key=lambda pair: -len(pair[1])):
            came = came.replace(value, shown) if len(value) > 3 else came  # 3 may be chance
        made.append((call.operation, came, f"{(time.perf_counter() - began) * 1000:.0f}"))
        if failed:
            return Deployment(headers, made, error=came)
    return Deployment(headers, made or [("none", "nothing to deploy", "")], plan.caption)


def _make(client: Any, call: Call) -> tuple[str, bool]:
    """Make one call; return what came back in a few words, and if it failed."""
    try:
        if call.operation.startswith("wait "):
            functions.wait(client, call.operation.removeprefix("wait "), **call.sent)
            return "done", False
        answer = getattr(client, call.operation)(**call.sent)
    except BotoCoreError as error:
        return f"{type(error).__name__}: {error}", True
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        missing = call.operation == "get_function" and code == "ResourceNotFoundException"
        return f"{code}: {'so it is created' if missing else message}", not missing
    stated = answer.get("Configuration", answer)
    parts = ("Runtime", "State", "LastUpdateStatus", "Version")
    return ", ".join(f"{part} {stated[part]}" for part in parts if stated.get(part)), False
