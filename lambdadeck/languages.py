"""Deploy and call the same greeting in the four languages of the talk, cold and warm."""

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
from lambdadeck.shared.progress import ProgressBar
from lambdadeck.shared.table import Table, table_of

MEMORY_MB = 1024  # as in the recorded measurements in AWS
WARM_CALLS = 10
_ERRORS = (BotoCoreError, ClientError, CompileError, OSError)  # also MissingToolchainError


@dataclass(frozen=True)
class Language:
    """A language: its folder in assets/functions/hello, its handler, its runtimes' prefix.

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
    """A language's answer, what ran it, and how fast: milliseconds, None if missing.

    `cold_ms` is INIT of the first call, `warm_ms` the median duration of the later calls, both from
    REPORT lines; `aws` is AWS's recorded mean INIT of `runtime`. `error` says why there is no
    answer.
    """

    language: str
    runtime: str
    answer: str = ""
    ran_on: str = ""
    cold_ms: float | None = None
    warm_ms: float | None = None
    aws: Measured | None = None
    error: str = ""


def _node() -> str:
    try:
        return toolchains.node().version
    except toolchains.MissingToolchainError:
        if aws.asked():
            return ""  # it runs on AWS: the newest version
        raise


def _csharp() -> str:
    tool = toolchains.csharp()
    if tool.name == "mono" and aws.asked():
        needed, mono = ".NET's SDK for AWS", f"Mono {tool.version}"
        raise toolchains.MissingToolchainError("C#", needed, mono, "https://dot.net/download")
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

    A language that is missing on this machine, or fails, says so in its row.
    """
    client = client or boto3.client("lambda")
    with ProgressBar(2 * len(chosen)) as progress:
        return [_greeting(language, name, client, progress) for language in chosen]


def table(greetings: Sequence[Greeting]) -> Table:
    """Return a row for each language: answer, what ran it, INIT and warm ms, INIT ms in AWS."""
    measured = [greeting.aws for greeting in greetings if greeting.aws]
    calls = f"Warm: median duration of {WARM_CALLS} calls. All with {MEMORY_MB:,} MB."
    errors = [f"{greeting.language} {greeting.error}." for greeting in greetings if greeting.error]
    caption = " ".join([*errors, "Cold: INIT here.", calls, *map(_recorded, measured[:1])])
    return table_of([_row(greeting) for greeting in greetings], caption)


def runtime(family: str, version: str, *, today: dt.date | None = None) -> str:
    """Return the identifier of a version, if it can be created; else the newest supported.

    `family` is the prefix of the identifiers: nodejs and 22.3.0 give nodejs22.x.
    """
    day = today or dt.date.today()
    known = [
        item
        for item in runtimes.table().values()
        if item.identifier.startswith(family) and item.deprecated
    ]
    fitting = [item for item in known if _is_of(item, family, version) and not _blocked(item, day)]
    supported = [item for item in known if item.supported(day)]
    supported.sort(key=lambda item: item.deprecated or day)
    return (fitting or supported)[-1].identifier


def _greeting(language: Language, name: str, client: Any, progress: ProgressBar) -> Greeting:
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
    except _ERRORS as error:
        progress.step("")
        identifier = identifier or runtime(language.family, "")
        said = error.short if isinstance(error, toolchains.MissingToolchainError) else str(error)
        return Greeting(language.name, identifier, aws=_in_aws(identifier), error=said)
    return _greeted(language, identifier, calls)


def _greeted(language: Language, identifier: str, calls: Sequence[InvokeResult]) -> Greeting:
    cold, *warm = calls
    failed = next((call.error for call in calls if call.error), None)
    if failed:
        return Greeting(language.name, identifier, aws=_in_aws(identifier), error=failed)
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
        "cold ms on AWS": f"{greeting.aws.init_ms:.0f}" if greeting.aws else "not measured",
        "AWS runtime": greeting.runtime,
    }


def _recorded(measured: Measured) -> str:
    source = f"{measured.source.split(',')[0]}, {measured.as_of:%B %Y}"
    return f"On AWS: mean INIT, recorded; {measured.arch}, {source}."


def _ms(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _is_of(item: runtimes.Runtime, family: str, version: str) -> bool:
    # java21 is for 21.0.1, nodejs22.x for 22.3; variants such as java8.al2 are for no version.
    asked = item.identifier.removeprefix(family).removesuffix(".x")
    return f"{version}.".startswith(f"{asked}.")


def _blocked(item: runtimes.Runtime, today: dt.date) -> bool:
    return item.create_block is not None and item.create_block <= today
