"""Aliases: names for versions."""

from lambdadeck.engine.api import names
from lambdadeck.engine.api.concurrency import provision
from lambdadeck.engine.api.configuration import revision
from lambdadeck.engine.api.errors import ApiError, conflict, not_found, stale
from lambdadeck.engine.api.paging import page
from lambdadeck.engine.api.store import ApiCall, Record


def create(call: ApiCall) -> Record:
    """CreateAlias."""
    given, store = call.given, call.store
    function, _ = names.resolve(call)
    record = store.function(function)
    name, version = given["Name"], given["FunctionVersion"]
    _check_version(call, record, function, version)
    if name in record["aliases"]:
        raise conflict(f"Alias already exists: {store.function_arn(function, name)}")
    alias = {
        "AliasArn": store.function_arn(function, name),
        "Name": name,
        "FunctionVersion": version,
        "Description": given.get("Description") or "",
        "RevisionId": revision(),
    }
    weights = _weights(given)
    if weights:
        _check_weights(call, record, function, version, weights)
        alias["RoutingConfig"] = {"AdditionalVersionWeights": weights}
    record["aliases"][name] = alias
    return alias


def _weights(given: Record) -> dict[str, float]:
    found: dict[str, float] = (given.get("RoutingConfig") or {}).get(
        "AdditionalVersionWeights"
    ) or {}
    return found


def _check_version(call: ApiCall, record: Record, function: str, version: str) -> None:
    if names.version_of(record, version) is None or names.is_alias(version):
        raise not_found(f"Function not found: {call.store.function_arn(function, version)}")


def _check_weights(
    call: ApiCall, record: Record, function: str, version: str, weights: dict[str, float]
) -> None:
    if len(weights) > 1:
        raise ApiError("Number of items in AdditionalVersionWeights cannot be greater than 1")
    other = next(iter(weights))
    if other == version:
        raise ApiError(
            f"Invalid function version {version}. Function version {version} is already included "
            "in routing configuration."
        )
    if version == "$LATEST":
        message = "$LATEST is not supported for an alias pointing to more than 1 version"
        raise ApiError(message, Type="")
    _check_version(call, record, function, other)
    roles = {record["versions"][one]["config"]["Role"] for one in (version, other)}
    if len(roles) > 1:
        # recorded by users of serverless-heaven/serverless-aws-alias, issue 64 (2018)
        raise ApiError("Specified versions must be associated with the same execution role")


def _alias(call: ApiCall, missing: str) -> tuple[str, Record, Record]:
    function, _ = names.resolve(call)
    record = call.store.function(function)
    alias = record["aliases"].get(call.given["Name"])
    if alias is None:
        raise not_found(f"{missing}: {call.store.function_arn(function, call.given['Name'])}")
    return function, record, alias


def get(call: ApiCall) -> Record:
    """GetAlias."""
    return _alias(call, "Cannot find alias arn")[2]


def update(call: ApiCall) -> Record:
    """UpdateAlias."""
    given = call.given
    function, record, alias = _alias(call, "Alias not found")
    if given.get("RevisionId") and given["RevisionId"] != alias["RevisionId"]:
        raise stale()
    version = given.get("FunctionVersion") or alias["FunctionVersion"]
    if given.get("FunctionVersion"):
        _check_version(call, record, function, version)
    changes = {"FunctionVersion": version, "RevisionId": revision()}
    if given.get("Description") is not None:
        changes["Description"] = given["Description"]
    changed = {**alias, **changes}
    if given.get("RoutingConfig") is not None:
        changed.pop("RoutingConfig", None)
        if weights := _weights(given):
            changed["RoutingConfig"] = {"AdditionalVersionWeights": weights}
    if weights := _weights(changed):
        _check_weights(call, record, function, version, weights)
    record["aliases"][alias["Name"]] = changed
    if alias["Name"] in record["provisioned_concurrency"]:
        provision(call.store, record)
    return changed


def delete(call: ApiCall) -> None:
    """DeleteAlias."""
    function, _ = names.resolve(call)
    name, record = call.given["Name"], call.store.function(function)
    if record["provisioned_concurrency"].pop(name, None):
        provision(call.store, record)
    for kept in ("aliases", "event_invoke_configs"):
        record[kept].pop(name, None)
    call.store.remove_url(f"{function}:{name}")


def list_all(call: ApiCall) -> Record:
    """ListAliases."""
    function, _ = names.resolve(call)
    version = call.given.get("FunctionVersion")
    found = [
        alias
        for alias in call.store.function(function)["aliases"].values()
        if version in (None, alias["FunctionVersion"])
    ]
    return page(call.given, "Aliases", found, lambda alias: str(alias["Name"]))
