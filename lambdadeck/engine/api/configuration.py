"""A function's configuration: made from a request, changed by one, shown in an answer."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from lambdadeck.engine.api.store import Record, Store

CREATING = {
    "State": "Pending",
    "StateReason": "The function is being created.",
    "StateReasonCode": "Creating",
}
UPDATING = {
    "LastUpdateStatus": "InProgress",
    "LastUpdateStatusReason": "The function is being created.",  # AWS's words for an update too
    "LastUpdateStatusReasonCode": "Creating",
}
SETTLED = {"State": "Active", "LastUpdateStatus": "Successful"}
_STATE = {
    *(f"State{part}" for part in ("", "Reason", "ReasonCode")),
    *(f"LastUpdateStatus{part}" for part in ("", "Reason", "ReasonCode")),
}
_AS_GIVEN = (
    *("Runtime", "Handler", "Role", "Description", "Timeout", "MemorySize", "KMSKeyArn"),
    *("TracingConfig", "EphemeralStorage", "Environment", "DeadLetterConfig", "FileSystemConfigs"),
    *("DurableConfig", "TenancyConfig", "CapacityProviderConfig"),
)
_DEFAULTS: Mapping[str, Any] = {
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "TracingConfig": {"Mode": "PassThrough"},
    "EphemeralStorage": {"Size": 512},
}


def now() -> str:
    """Return the time as Lambda writes it, to the millisecond."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def revision() -> str:
    return str(uuid4())


def made(store: Store, name: str, given: Record) -> Record:
    """Return the configuration of a new function, without its package and layers."""
    stated = {**_DEFAULTS, **{key: given[key] for key in _AS_GIVEN if given.get(key) is not None}}
    config = {
        "FunctionName": name,
        "FunctionArn": store.function_arn(name),
        **changed({}, stated, store.region),
        "LastModified": now(),
        "Version": "$LATEST",
        "PackageType": given.get("PackageType") or "Zip",
        "Architectures": given.get("Architectures") or ["x86_64"],
        "LoggingConfig": logging(
            {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
            given.get("LoggingConfig") or {},
        ),
        "SnapStart": snap_start(given.get("SnapStart")),
        "RevisionId": revision(),
        **CREATING,
    }
    return _with_optional(config, given)


def changed(config: Record, given: Record, region: str) -> Record:
    """Return a configuration with the fields that a request states."""
    fields = {key: given[key] for key in _AS_GIVEN if given.get(key) is not None}
    config = _with_optional({**config, **fields}, given)
    if "LoggingConfig" in config and given.get("LoggingConfig"):
        config["LoggingConfig"] = logging(config["LoggingConfig"], given["LoggingConfig"])
    if config and given.get("SnapStart"):
        config["SnapStart"] = snap_start(given["SnapStart"])
    if given.get("Environment") is not None:
        config["Environment"] = {"Variables": given["Environment"].get("Variables") or {}}
    if not (config.get("DeadLetterConfig") or {}).get("TargetArn"):
        config.pop("DeadLetterConfig", None)
    if "Runtime" in config:
        config["RuntimeVersionConfig"] = {"RuntimeVersionArn": _runtime(region, config["Runtime"])}
    return config


def _with_optional(config: Record, given: Record) -> Record:
    if given.get("VpcConfig") is not None:
        config["VpcConfig"] = _vpc(given["VpcConfig"])
    if given.get("ImageConfig") is not None:
        config["ImageConfigResponse"] = {"ImageConfig": given["ImageConfig"]}
    return config


def _vpc(given: Record) -> Record:
    subnets = given.get("SubnetIds") or []
    digest = hashlib.sha256(repr(sorted(subnets)).encode()).hexdigest()[:17]
    return {
        "SubnetIds": subnets,
        "SecurityGroupIds": given.get("SecurityGroupIds") or [],
        "VpcId": f"vpc-{digest}" if subnets else "",
        "Ipv6AllowedForDualStack": bool(given.get("Ipv6AllowedForDualStack")),
    }


def _runtime(region: str, runtime: str) -> str:
    digest = hashlib.sha256(runtime.encode()).hexdigest()
    return f"arn:aws:lambda:{region}::runtime:{digest}"


def snap_start(given: Record | None) -> Record:
    return {"ApplyOn": (given or {}).get("ApplyOn") or "None", "OptimizationStatus": "Off"}


def logging(config: Record, given: Record) -> Record:
    """Return a LoggingConfig with what a request changes; only JSON has levels."""
    levels = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
    if given.get("LogFormat") == "JSON":
        given = {**levels, **given}
    config = {**config, **given}
    if config["LogFormat"] == "Text":
        config = {key: value for key, value in config.items() if key not in levels}
    return config


def settled(config: Record) -> Record:
    """Return the configuration after a state transition: Active, Successful, a new revision."""
    kept = {key: value for key, value in config.items() if key not in _STATE}
    return {**kept, **SETTLED, "RevisionId": revision()}


def settle(record: Record) -> None:
    """End the transitions of a function and its versions, which nobody will end any more."""
    for version in (record, *record["versions"].values()):
        stated = {version["config"].get(name) for name in ("State", "LastUpdateStatus")}
        if stated & {"Pending", "InProgress"}:
            version["config"] = settled(version["config"])


def shown(config: Record, store: Store, qualifier: str | None = None) -> Record:
    """Return a configuration as AWS answers it, with the ARN of what the caller named."""
    empty: tuple[Any, ...] = ("", [], None)
    fields = {
        key: value
        for key, value in config.items()
        if key == "Description" or not (value in empty or key.startswith("_"))
    }
    return {**fields, "FunctionArn": store.function_arn(config["FunctionName"], qualifier)}


def listed(config: Record, store: Store, qualifier: str | None = None) -> Record:
    """Return a configuration as listings show it: without state and runtime version."""
    hidden = _STATE | {"RuntimeVersionConfig"}
    fields = shown(config, store, qualifier)
    return {key: value for key, value in fields.items() if key not in hidden}
