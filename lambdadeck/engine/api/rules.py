"""What Lambda refuses although its model allows it."""

import json
import re
from collections.abc import Callable, Mapping
from csv import DictReader
from dataclasses import dataclass
from datetime import date
from functools import cache

from lambdadeck.engine.api import words
from lambdadeck.engine.api.errors import ApiError, PendingError, conflict
from lambdadeck.engine.api.store import ApiCall, Record
from lambdadeck.shared.paths import ASSETS

TABLE = ASSETS / "runtimes" / "lambda_runtimes.csv"
ENVIRONMENT_LIMIT = 4096
NAME_LIMIT = 64
LAYER_LIMIT = 5
# Lambda developer guide, "Reserved environment variables"
_FUNCTION = ("FUNCTION_NAME", "FUNCTION_MEMORY_SIZE", "FUNCTION_VERSION", "INITIALIZATION_TYPE")
_LOGS = ("LOG_GROUP_NAME", "LOG_STREAM_NAME", "RUNTIME_API")
_KEYS = ("ACCESS_KEY", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")
_PLACE = ("DEFAULT_REGION", "REGION", "EXECUTION_ENV")
RESERVED = {
    *("_HANDLER", "_X_AMZN_TRACE_ID", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    *(f"AWS_{name}" for name in (*_KEYS, *_PLACE)),
    *(f"AWS_LAMBDA_{name}" for name in (*_FUNCTION, *_LOGS)),
}
_UNHELD = re.compile("[\0\ud800-\udfff]")
_HOLDS_NO = "a NUL or half of a surrogate pair, which no variable of a process can hold"
_UNABLE = (
    "Lambda was unable to configure your environment variables because "
    "the environment variables you have provided "
)


def check_name(name: str, stated: str) -> None:
    """Raise ApiError if a new function's name is too long."""
    if name == stated and len(name) > NAME_LIMIT:
        raise ApiError(
            f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy "
            f"constraint: Member must have length less than or equal to {NAME_LIMIT}"
        )


def check_state(record: Record, arn: str) -> None:
    """Raise ApiError while a function is being created or updated."""
    config = record["config"]
    if config.get("State") == "Pending":
        raise PendingError
    if config.get("LastUpdateStatus") == "InProgress":
        raise conflict(
            "The operation cannot be performed at this time. "
            f"An update is in progress for resource: {arn}"
        )


def check_environment(variables: Mapping[str, str]) -> None:
    """Raise ApiError for reserved names, values no process can have, or more than 4 KB."""
    taken = sorted(set(variables) & RESERVED)
    if taken:
        raise ApiError(
            f"{_UNABLE}contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(taken)}"
        )
    unheld = sorted(name for name, value in variables.items() if _UNHELD.search(value))
    if unheld:
        keys = ", ".join(unheld)
        raise ApiError(f"{_UNABLE}contains {_HOLDS_NO}. Keys used in this request: {keys}")
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > ENVIRONMENT_LIMIT:
        raise ApiError(f"{_UNABLE}exceeded the 4KB limit. String measured: {measured}")


def check_handler(handler: str) -> None:
    """Raise ApiError for a handler that no process can have in its environment."""
    if _UNHELD.search(handler):
        raise ApiError(f"The handler {handler!a} contains {_HOLDS_NO}.")


def check_package_type(given: Record) -> None:
    """Raise ApiError unless a new function has what packages of its type need, and no more."""
    if given.get("PackageType") == "Image":
        if any(given.get(member) for member in ("Handler", "Runtime", "Layers")):
            # recorded by users of pulumi/pulumi-aws, issue 5439 (2025)
            raise ApiError(
                "Please don't provide Handler or Runtime or Layer when the intended function "
                "PackageType is Image."
            )
    elif not (given.get("Runtime") and given.get("Handler")):
        # recorded by users of boto/boto3, issue 2705 (2020)
        raise ApiError(
            "Runtime and Handler are mandatory parameters for functions created with deployment "
            "packages."
        )


def check_logging(given: Record, config: Record) -> None:
    """Raise ApiError if a request sets a level of logs that are text."""
    levels = given.get("ApplicationLogLevel") or given.get("SystemLogLevel")
    if levels and (given.get("LogFormat") or config.get("LogFormat") or "Text") == "Text":
        # recorded by the authors of aws/aws-cdk, pull request 28045 (2023)
        raise ApiError(
            'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your '
            'request or change the LogFormat to "Json" and try again.'
        )


def check_snap_start(given: Record | None, runtime: str) -> None:
    """Raise ApiError if SnapStart is asked for a runtime that has none."""
    if not given or given.get("ApplyOn", "None") == "None":
        return
    found = re.match(r"(java|python|dotnet)(\d+)(?:\.(\d+))?", runtime)
    first = {"java": (11, 0), "python": (3, 12), "dotnet": (8, 0)}
    if not found or (int(found[2]), int(found[3] or 0)) < first[found[1]]:
        raise ApiError(f"{runtime} is not supported for SnapStart enabled functions.")


def read_blocks() -> dict[str, Mapping[str, str]]:
    """Return each runtime's row: its create_block and update_block are ISO dates, "" if unknown."""
    with open(TABLE, newline="", encoding="utf-8") as rows:
        return {row["runtime"]: row for row in DictReader(rows)}


@dataclass(frozen=True)
class Runtimes:
    """Which runtimes are still served; `today` is a clock, so that tests can choose the date."""

    blocks: Mapping[str, Mapping[str, str]]
    today: Callable[[], date] = date.today

    def check(self, runtime: str, creating: bool) -> None:
        """Raise ApiError for an unknown runtime, or one that is blocked today."""
        row = self.blocks.get(runtime)
        if row is None:
            raise ApiError(
                f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy "
                f"enum value set: [{words.RUNTIMES}] or be a valid ARN"
            )
        blocked = row["create_block" if creating else "update_block"]
        if blocked and self.today().isoformat() >= blocked:
            raise ApiError(
                f"The runtime parameter of {runtime} is no longer supported for creating or "
                "updating AWS Lambda functions. We recommend you use a supported runtime while "
                "creating or updating functions."
            )


@cache
def runtimes() -> Runtimes:
    """Return the runtimes of the table, by today's date."""
    return Runtimes(read_blocks())


def check_layers(call: ApiCall, arns: list[str]) -> None:
    """Raise ApiError for too many layers, missing ones, or two versions of one."""
    if len(arns) > LAYER_LIMIT:
        raise ApiError(f"Cannot reference more than {LAYER_LIMIT} layers.")
    seen: dict[str, str] = {}
    for arn in arns:
        _check_layer(call, arn)
        layer = arn.rpartition(":")[0]
        if layer in seen:
            raise ApiError(
                "Two different versions of the same layer are not allowed to be referenced in the "
                f"same function. {seen[layer]} and {arn} are versions of the same layer."
            )
        seen[layer] = arn


def _check_layer(call: ApiCall, arn: str) -> None:
    _, _, _, region, account, _, name, version = arn.split(":")
    if account != call.store.account:
        action = "lambda:GetLayerVersion"
        message = f"User: {call.caller} is not authorized to perform: {action} on resource: {arn} "
        message += f"because no resource-based policy allows the {action} action"
        raise ApiError(message, "AccessDeniedException")
    if region != call.store.region:
        raise ApiError(
            "Layers are not in the same region as the function. "
            f"Layers are expected to be in region {call.store.region}."
        )
    layer = call.store.layer(name) or {"versions": []}
    if not any(
        one["Version"] == int(version) and not one.get("_deleted") for one in layer["versions"]
    ):
        raise ApiError(f"Layer version {arn} does not exist.")
