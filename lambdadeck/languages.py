"""The four languages of the talk: the same greeting in each, deployed and called, cold and warm."""

from __future__ import annotations

import datetime as dt
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from lambdadeck import aws, functions
from lambdadeck.engine.languages import toolchains
from lambdadeck.engine.languages.compilers import CompileError
from lambdadeck.functions import FUNCTIONS, InvokeResult
from lambdadeck.reference import cold_starts, runtimes
from lambdadeck.reference.cold_starts import Measured
from lambdadeck.shared.progress import Progress
from lambdadeck.shared.table import Table, table_of

MEMORY_MB = 1024  # as the measurements in AWS that stand beside ours
WARM_CALLS = 10
_TROUBLE = (
    BotoCoreError,
    ClientError,
    CompileError,
    OSError,
)  # toolchains.MissingToolchainError is an OSError


@dataclass(frozen=True)
class Language:
    """A language of the talk: its folder in assets/functions/hello, its handler, how Lambda's identifiers begin.

    `version` asks this machine; it raises toolchains.MissingToolchainError.
    """

    name: str
    folder: str
    handler: str
    family: str
    version: Callable[[], str]

    @property
    def function(self) -> str:
        return f"hello-{self.folder}"


@dataclass(frozen=True)
class Greeting:
    """What a language answered, what ran it, and how fast: milliseconds, None where there is none.

    `cold_ms` is INIT of the first call, `warm_ms` the median duration of the calls after it, both from REPORT lines;
    `aws` is AWS's mean INIT of `runtime`, recorded. `trouble` says why there is no answer.
    """

    language: str
    runtime: str
    answer: str
    ran_on: str
    cold_ms: float | None
    warm_ms: float | None
    aws: Measured | None
    trouble: str = ""


def _node() -> str:
    try:
        return toolchains.node().version
    except toolchains.MissingToolchainError:
        if aws.asked():
            return ""  # it runs there, not here: the newest
        raise


def _csharp() -> str:
    tool = toolchains.csharp()
    if tool.name == "mono" and aws.asked():
        raise toolchains.MissingToolchainError(
            "C#",
            ".NET's SDK for AWS",
            f"Mono {tool.version}",
            "https://dot.net/download",
            "brew install --cask dotnet-sdk",
        )
    return tool.version if tool.name == "dotnet" else "0"  # Mono's versions are not .NET's


ALL = (
    Language("Java", "java", "Hello::handler", "java", lambda: toolchains.jdk().version),
    Language("Node.js", "nodejs", "index.handler", "nodejs", _node),
    Language("Python", "python", "app.handler", "python", platform.python_version),
    Language("C#", "csharp", "hello::Hello.Function::Handler", "dotnet", _csharp),
)


def call_all(
    name: str = "world", chosen: Sequence[Language] = ALL, *, client: Any = None
) -> list[Greeting]:
    """Deploy the greeting in each language and call it, once cold and then warm.

    A language that this machine lacks, or that fails, says so in its row, and the others go on.
    """
    client = client or boto3.client("lambda")
    with Progress(2 * len(chosen)) as progress:
        return [_greeting(language, name, client, progress) for language in chosen]


def table(greetings: Sequence[Greeting]) -> Table:
    """One row a language: the answer, what ran it, INIT and warm duration here, INIT in AWS, in ms."""
    measured = [greeting.aws for greeting in greetings if greeting.aws]
    times = (
        f"Cold: INIT here. Warm: median duration of {WARM_CALLS} calls. All with {MEMORY_MB:,} MB."
    )
    troubles = [
        f"{greeting.language} {greeting.trouble}." for greeting in greetings if greeting.trouble
    ]
    rows = [_row(greeting) for greeting in greetings]
    return table_of(rows, " ".join([*troubles, times, *map(_recorded, measured[:1])]))


def runtime(family: str, version: str, *, today: dt.date | None = None) -> str:
    """The identifier for a version, if a function can still be created with it; else the newest that AWS supports.

    `family` is how the identifiers begin: nodejs and 22.3.0 give nodejs22.x.
    """
    today = today or dt.date.today()
    known = [
        item
        for item in runtimes.table().values()
        if item.identifier.startswith(family) and item.deprecated
    ]
    fitting = [
        item
        for item in known
        if _is_of(item.identifier, family, version) and not _blocked(item, today)
    ]
    supported = sorted(
        (item for item in known if item.supported(today)), key=lambda item: item.deprecated or today
    )
    return (fitting or supported)[-1].identifier


def _greeting(language: Language, name: str, client: Any, progress: Progress) -> Greeting:
    progress.step(f"deploying {language.name}")
    identifier = ""
    try:
        identifier = runtime(language.family, language.version())
        functions.deploy(
            language.function,
            FUNCTIONS / "hello" / language.folder,
            handler=language.handler,
            runtime=identifier,
            memory_mb=MEMORY_MB,
            timeout_s=10,
            client=client,
        )
        progress.step(f"calling {language.name}")
        calls = [
            functions.invoke(language.function, {"name": name}, client=client)
            for _ in range(1 + WARM_CALLS)
        ]
    except _TROUBLE as error:
        progress.step("")
        identifier = identifier or runtime(language.family, "")
        trouble = error.short if isinstance(error, toolchains.MissingToolchainError) else str(error)
        return Greeting(language.name, identifier, "", "", None, None, _in_aws(identifier), trouble)
    return _greeted(language, identifier, calls)


def _greeted(language: Language, identifier: str, calls: Sequence[InvokeResult]) -> Greeting:
    cold, *warm = calls
    failed = next((call.error for call in calls if call.error), None)
    if failed:
        return Greeting(language.name, identifier, "", "", None, None, _in_aws(identifier), failed)
    said = cold.payload
    ran_on = said["version"] if " " in said["version"] else f"{said['language']} {said['version']}"
    warm_ms = statistics.median(call.report.duration_ms for call in warm if call.report)
    cold_ms = cold.report.init_ms if cold.report else None
    return Greeting(
        language.name, identifier, said["greeting"], ran_on, cold_ms, warm_ms, _in_aws(identifier)
    )


def _in_aws(identifier: str) -> Measured | None:
    try:
        return cold_starts.measured(identifier, memory_mb=MEMORY_MB)
    except LookupError:
        return None


def _row(greeting: Greeting) -> dict[str, object]:
    return {
        "language": greeting.language,
        "answer": greeting.answer or "none, see below",
        "ran here on": greeting.ran_on,
        "cold ms": _ms(greeting.cold_ms, 0),
        "warm ms": _ms(greeting.warm_ms, 2),
        "in AWS, cold ms": f"{greeting.aws.init_ms:.0f}" if greeting.aws else "not measured",
        "as": greeting.runtime,
    }


def _recorded(measured: Measured) -> str:
    return f"In AWS: mean INIT, recorded; {measured.arch}, {measured.source.split(',')[0]}, {measured.as_of:%B %Y}."


def _ms(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _is_of(identifier: str, family: str, version: str) -> bool:
    """Whether java21 is for 21.0.1, nodejs22.x for 22.3; variants such as java8.al2 are for none."""
    asked = identifier.removeprefix(family).removesuffix(".x")
    return f"{version}.".startswith(f"{asked}.")


def _blocked(item: runtimes.Runtime, today: dt.date) -> bool:
    return item.create_block is not None and item.create_block <= today
