"""Checks that AWS makes before it creates or changes a function, and ministack does not."""

import base64
import csv
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from lambdadeck.engine.control.packages import PackageError, check
from lambdadeck.shared.paths import ASSETS

TABLE = ASSETS / "runtimes" / "lambda_runtimes.csv"
ENVIRONMENT_LIMIT = 4096
ZIP_LIMIT = 50 * 1024 * 1024
RANGES = {"MemorySize": (128, 10_240), "Timeout": (1, 900), "EphemeralStorage": (512, 10_240)}
RESERVABLE = 900  # of 1,000: 100 stay unreserved (developer guide, "Reserved concurrency")
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
_UNABLE = "Lambda was unable to configure your environment variables because "
_CREATE = re.compile(r"/2015-03-31/functions/?")
_CONFIGURATION = re.compile(r"/2015-03-31/functions/[^/]+/configuration/?")
_CODE = re.compile(r"/2015-03-31/functions/[^/]+/code/?")
_ALIAS = re.compile(r"/2015-03-31/functions/[^/]+/aliases(/[^/]+)?/?")
_CONCURRENCY = re.compile(r"/2017-10-31/functions/[^/]+/concurrency/?")
_LAYER = re.compile(r"/2018-10-31/layers/[^/]+/versions/?")


class ValidationError(Exception):
    """AWS would refuse this: its error code and message."""

    def __init__(
        self, message: str, code: str = "InvalidParameterValueException", status: int = 400
    ) -> None:
        super().__init__(message)
        self.message, self.code, self.status = message, code, status


def read_blocks() -> dict[str, Mapping[str, str]]:
    """Return each runtime's row: its create_block and update_block are ISO dates, "" if unknown."""
    with open(TABLE, newline="", encoding="utf-8") as rows:
        return {row["runtime"]: row for row in csv.DictReader(rows)}


class Validator:
    """Checks requests to Lambda's API; `today` is a clock, so that tests can choose the date."""

    def __init__(
        self, blocks: Mapping[str, Mapping[str, str]], today: Callable[[], date] = date.today
    ) -> None:
        self._blocks, self._today = blocks, today

    def check(self, method: str, path: str, body: bytes) -> None:
        """Raise ValidationError if AWS would refuse this request."""
        if method == "POST" and _CREATE.fullmatch(path):
            self._configuration(read_json(body), creating=True)
            check_zip(read_json(body).get("Code") or {})
        elif method == "PUT" and _CONFIGURATION.fullmatch(path):
            self._configuration(read_json(body), creating=False)
        elif method == "PUT" and _CODE.fullmatch(path):
            check_zip(read_json(body))
        elif method in ("POST", "PUT") and _ALIAS.fullmatch(path):
            _check_weights(read_json(body))
        elif method == "PUT" and _CONCURRENCY.fullmatch(path):
            _check_reservation(read_json(body))
        elif method == "POST" and _LAYER.fullmatch(path):
            check_zip(read_json(body).get("Content") or {})

    def _configuration(self, stated: dict[str, Any], creating: bool) -> None:
        sized = {**stated, "EphemeralStorage": (stated.get("EphemeralStorage") or {}).get("Size")}
        for name, limits in RANGES.items():
            if sized.get(name) is not None and (bound := _broken(sized[name], *limits)):
                raise ValidationError(f"'{name}' value {bound}")
        _check_environment((stated.get("Environment") or {}).get("Variables") or {})
        if stated.get("Runtime") is not None:
            self._runtime(stated["Runtime"], creating)

    def _runtime(self, runtime: str, creating: bool) -> None:
        blocks = self._blocks.get(runtime)
        if blocks is None:
            names = ", ".join(sorted(self._blocks))
            raise ValidationError(
                f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy "
                f"enum value set: [{names}] or be a valid ARN"
            )
        blocked = blocks["create_block" if creating else "update_block"]
        if blocked and self._today().isoformat() >= blocked:
            raise ValidationError(
                f"The runtime parameter of {runtime} is no longer supported for creating or "
                "updating AWS Lambda functions. We recommend you use a supported runtime while "
                "creating or updating functions."
            )


def read_json(body: bytes) -> dict[str, Any]:
    """Return the object in a request's body, {} for another value; raise ValidationError."""
    try:
        stated = json.loads(body or b"{}")
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise ValidationError(message, "InvalidRequestContentException") from None
    return stated if isinstance(stated, dict) else {}


def _broken(value: float, low: float, high: float) -> str | None:
    """Return the bound that a value is beyond, in AWS's words."""
    if low <= value <= high:
        return None
    bound = f"less than or equal to {high}" if value > high else f"greater than or equal to {low}"
    return f"failed to satisfy constraint: Member must have value {bound}"


def _check_weights(stated: dict[str, Any]) -> None:
    weights = (stated.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    if stated.get("FunctionVersion") in weights:
        raise ValidationError(
            f"Version {stated['FunctionVersion']} is the alias's own and cannot be in its routing "
            "configuration too."
        )
    if len(weights) > 1:
        message = "Number of items in AdditionalVersionWeights cannot be greater than 1"
        raise ValidationError(message)
    for weight in weights.values():
        if bound := _broken(weight, 0.0, 1.0):
            place = "'routingConfig.additionalVersionWeights'"
            message = f"1 validation error detected: Value '{weight}' at {place} {bound}"
            raise ValidationError(message, "ValidationException")


def _check_reservation(stated: dict[str, Any]) -> None:
    if (stated.get("ReservedConcurrentExecutions") or 0) > RESERVABLE:
        raise ValidationError(
            "Specified ReservedConcurrentExecutions for function decreases account's "
            "UnreservedConcurrentExecution below its minimum value of [100]."
        )


def _check_environment(variables: dict[str, str]) -> None:
    taken = sorted(set(variables) & RESERVED)
    if taken:
        raise ValidationError(
            f"{_UNABLE}the environment variables you have provided contains reserved keys that are "
            "currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(taken)}"
        )
    bad = [name for name in variables if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]+", name)]
    if bad:
        raise ValidationError(
            f"1 validation error detected: Value at 'environment.variables' failed to satisfy "
            f"constraint: Map keys must satisfy [a-zA-Z]([a-zA-Z0-9_])+: {bad[0]!r} does not"
        )
    measured = json.dumps(variables, separators=(",", ":"))
    if len(measured.encode()) > ENVIRONMENT_LIMIT:
        raise ValidationError(
            f"{_UNABLE}the environment variables you have provided exceeded the 4KB limit. "
            f"String measured: {measured[:200]}…"
        )


def check_zip(code: dict[str, Any]) -> None:
    """Raise ValidationError for an unusable package; those in S3 are checked when they run."""
    if "ZipFile" not in code:
        return
    try:
        blob = base64.b64decode(code["ZipFile"])
    except (ValueError, TypeError) as error:
        raise ValidationError(f"The ZipFile is not base64: {error}") from None
    if len(blob) > ZIP_LIMIT:
        message = f"Request must be smaller than {ZIP_LIMIT} bytes for the CreateFunction operation"
        raise ValidationError(message, "RequestEntityTooLargeException", 413)
    try:
        check(blob)
    except PackageError as bad:
        raise ValidationError(str(bad)) from None
