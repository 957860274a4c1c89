"""Event invoke configurations: retries, age and destinations of asynchronous invocations."""

import time

from lambdadeck.engine.api import names
from lambdadeck.engine.api.errors import ApiError, not_found
from lambdadeck.engine.api.paging import page
from lambdadeck.engine.api.store import ApiCall, Record
from lambdadeck.shared.names import FUNCTION

SETTINGS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
SERVICES = ("lambda", "sns", "sqs", "events")
ON_FAILURE = (*SERVICES, "s3")  # aws/aws-cdk, pull request 37115 (2026)


def _stated(call: ApiCall) -> Record:
    stated = {key: call.given[key] for key in SETTINGS if call.given.get(key) is not None}
    if not stated:
        raise ApiError("You must specify at least one of error handling or destination setting.")
    return stated


def _function(call: ApiCall) -> tuple[Record, str, str]:
    """Return function, name and qualifier of a call that changes a configuration."""
    named = names.resolve(call)
    record = call.store.find(named.name)
    if record is None or not names.exists(record, named.qualifier):
        raise not_found("The function doesn't exist.")
    return record, named.name, named.qualifier or "$LATEST"


def put(call: ApiCall) -> Record:
    """PutFunctionEventInvokeConfig."""
    stated = _stated(call)
    record, name, qualifier = _function(call)
    return _keep(call, record, (name, qualifier), stated)


def update(call: ApiCall) -> Record:
    """UpdateFunctionEventInvokeConfig."""
    stated = _stated(call)
    record, name, qualifier = _function(call)
    kept = record["event_invoke_configs"].get(qualifier)
    if kept is None:
        raise _missing(call, name, qualifier)
    return _keep(call, record, (name, qualifier), {**kept, **stated})


def _keep(call: ApiCall, record: Record, named: tuple[str, str], stated: Record) -> Record:
    name, qualifier = named
    targets = stated.get("DestinationConfig") or {}
    _check_destinations(call, name, targets)
    config = {
        **{key: stated[key] for key in SETTINGS if key in stated},
        "FunctionArn": call.store.function_arn(name, qualifier),
        "LastModified": round(time.time(), 3),
        "DestinationConfig": {
            kind: {"Destination": found} if (found := _destination(targets, kind)) else {}
            for kind in ("OnSuccess", "OnFailure")
        },
    }
    record["event_invoke_configs"][qualifier] = config
    return config


def _destination(targets: Record, kind: str) -> str:
    return str((targets.get(kind) or {}).get("Destination") or "")


def _check_destinations(call: ApiCall, name: str, targets: Record) -> None:
    stated = {kind: _destination(targets, kind) for kind in ("OnSuccess", "OnFailure")}
    for kind, arn in stated.items():
        service = arn.split(":")[2] if arn else "none"
        if arn and service not in (SERVICES if kind == "OnSuccess" else ON_FAILURE):
            shown = [f"{key}(destination={one})" if one else "null" for key, one in stated.items()]
            raise ApiError(
                f"The provided destination config DestinationConfig(onSuccess={shown[0]}, "
                f"onFailure={shown[1]}) is invalid."
            )
        if service == "lambda":
            _check_function(call, name, arn)


def _check_function(call: ApiCall, name: str, arn: str) -> None:
    found = FUNCTION.fullmatch(arn)
    here = found and (found["region"], found["account"]) == (call.store.region, call.store.account)
    if not found or not here or call.store.find(found["name"]) is None:
        raise ApiError(f"The destination ARN {arn} is invalid.")
    if found["name"] == name:
        raise ApiError("You can't specify the function as a destination for itself.")


def _missing(call: ApiCall, name: str, qualifier: str) -> ApiError:
    arn = call.store.function_arn(name, qualifier)
    return not_found(f"The function {arn} doesn't have an EventInvokeConfig")


def _kept(call: ApiCall) -> tuple[Record, str]:
    named = names.resolve(call)
    qualifier = named.qualifier or "$LATEST"
    configs = (call.store.find(named.name) or {}).get("event_invoke_configs") or {}
    if qualifier not in configs:
        raise _missing(call, named.name, qualifier)
    return configs, qualifier


def get(call: ApiCall) -> Record:
    """GetFunctionEventInvokeConfig."""
    configs, qualifier = _kept(call)
    found: Record = configs[qualifier]
    return found


def delete(call: ApiCall) -> None:
    """DeleteFunctionEventInvokeConfig."""
    configs, qualifier = _kept(call)
    del configs[qualifier]


def list_all(call: ApiCall) -> Record:
    """ListFunctionEventInvokeConfigs."""
    record = call.store.find(names.resolve(call).name)
    if record is None:
        raise not_found("The function doesn't exist.")
    found = list(record["event_invoke_configs"].values())
    member = "FunctionEventInvokeConfigs"
    return page(call.given, member, found, lambda config: str(config["FunctionArn"]))
