"""Reserved and provisioned concurrency, and the account's limits."""

from collections import Counter
from functools import partial

from lambdadeck.engine.api import code, configuration, names
from lambdadeck.engine.api.errors import ApiError, conflict, not_found
from lambdadeck.engine.api.packages import UNZIPPED_LIMIT
from lambdadeck.engine.api.paging import page
from lambdadeck.engine.api.store import ApiCall, Record, Store

ACCOUNT = 1000  # concurrent executions (Lambda quotas)
UNRESERVED = 100  # of them stay unreserved (developer guide, "Reserved concurrency")
STORAGE = 80_530_636_800  # bytes of code and layers
_REQUESTED = "RequestedProvisionedConcurrentExecutions"


def account_settings(call: ApiCall) -> Record:
    """GetAccountSettings."""
    functions = list(call.store.functions())
    packages = [one.get("code_zip") or b"" for one in functions]
    packages += [
        version.get("code_zip") or b"" for one in functions for version in one["versions"].values()
    ]
    layers = [version for layer in call.store.layers().values() for version in layer["versions"]]
    used = sum(map(len, packages)) + sum(one["Content"]["CodeSize"] for one in layers)
    return {
        "AccountLimit": {
            "TotalCodeSize": STORAGE,
            "CodeSizeUnzipped": UNZIPPED_LIMIT,
            "CodeSizeZipped": code.ZIP_LIMIT,
            "ConcurrentExecutions": ACCOUNT,
            "UnreservedConcurrentExecutions": _unreserved(call.store),
        },
        "AccountUsage": {"TotalCodeSize": used, "FunctionCount": len(functions)},
    }


def _unreserved(store: Store) -> int:
    return ACCOUNT - sum(
        (one.get("concurrency") or 0) + _provisioned(one) for one in store.functions()
    )


def _provisioned(record: Record, but: str = "") -> int:
    configs = record.get("provisioned_concurrency") or {}
    return sum(one[_REQUESTED] for qualifier, one in configs.items() if qualifier != but)


# ---- reserved ----


def _function(call: ApiCall) -> Record:
    named = names.resolve(call)
    if named.qualifier:
        raise ApiError(
            "This operation is permitted on Lambda functions only. Aliases and versions do not "
            "support this operation. Please specify either a function name or an unqualified "
            "function ARN."
        )
    record = call.store.find(named.name)
    if record is None:
        raise not_found(f"Function not found: {call.store.function_arn(named.name, '$LATEST')}")
    return record


def put(call: ApiCall) -> Record:
    """PutFunctionConcurrency."""
    record, wanted = _function(call), call.given["ReservedConcurrentExecutions"]
    if _unreserved(call.store) - wanted + (record.get("concurrency") or 0) < UNRESERVED:
        raise ApiError(
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{UNRESERVED}].",
            Type="",
        )
    if (provisioned := _provisioned(record)) > wanted:
        raise ApiError(
            f" ReservedConcurrentExecutions  {wanted} should not be lower than function's total "
            f"provisioned concurrency [{provisioned}].",
            Type="",
        )
    record["concurrency"] = wanted
    return {"ReservedConcurrentExecutions": wanted}


def get(call: ApiCall) -> Record:
    """GetFunctionConcurrency."""
    record = call.store.function(names.resolve(call).name)
    reserved = record.get("concurrency")
    return {} if reserved is None else {"ReservedConcurrentExecutions": reserved}


def delete(call: ApiCall) -> None:
    """DeleteFunctionConcurrency."""
    _function(call)["concurrency"] = None


# ---- provisioned ----


def _configs(call: ApiCall, unpublished: str) -> tuple[Record, names.Named]:
    """Return function and qualifier of a provisioned configuration; raise ApiError."""
    named = names.resolve(call)
    if named.qualifier == "$LATEST":
        raise ApiError(unpublished)
    record = call.store.find(named.name)
    empty: Record = {"versions": {}, "aliases": {}}
    names.check_qualifier(call, record or empty, named)
    return record or call.store.function(named.name), named


_PUBLISHED_ONLY = "The function resource provided must be an alias or a published version."


def put_provisioned(call: ApiCall) -> Record:
    """PutProvisionedConcurrencyConfig."""
    record, named = _configs(
        call, "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
    )
    wanted, qualifier = call.given["ProvisionedConcurrentExecutions"], str(named.qualifier)
    _check_room(call, record, qualifier, wanted)
    _check_version(record, qualifier)
    config = {_REQUESTED: wanted, "LastModified": configuration.now()}
    record["provisioned_concurrency"][qualifier] = config
    provision(call.store, record)
    return {**config, **_allocated(0), "Status": "IN_PROGRESS"}


def provision(store: Store, record: Record) -> None:
    """Start what a function's configurations want, when the time of a transition has passed."""
    function = store.target(record["config"]["FunctionName"])
    wanted = partial(_by_version, record)
    store.effects.later(partial(store.effects.provisioning.apply, function, wanted))


def _by_version(record: Record) -> Counter[str]:
    """Return how many environments each version of a function should have."""
    wanted = Counter[str]()
    for qualifier, config in record["provisioned_concurrency"].items():
        wanted[_version(record, qualifier)] += config[_REQUESTED]
    return wanted


def _version(record: Record, qualifier: str) -> str:
    alias = record["aliases"].get(qualifier)
    return str(alias["FunctionVersion"]) if alias else qualifier


def _allocated(number: int) -> Record:
    return {
        "AvailableProvisionedConcurrentExecutions": number,
        "AllocatedProvisionedConcurrentExecutions": number,
    }


def _shown(store: Store, record: Record, qualifier: str) -> Record:
    """Return a configuration with what the engine has made of it."""
    config: Record = record["provisioned_concurrency"][qualifier]
    version = _version(record, qualifier)
    function = store.target(record["config"]["FunctionName"])
    number, reason = store.effects.provisioning.state(function, version)
    shown = {**config, **_allocated(min(number, config[_REQUESTED])), "Status": "IN_PROGRESS"}
    if reason:
        return {**shown, "Status": "FAILED", "StatusReason": reason}
    return shown | ({"Status": "READY"} if number >= _by_version(record)[version] else {})


def _check_room(call: ApiCall, record: Record, qualifier: str, wanted: int) -> None:
    reserved = record.get("concurrency")
    if reserved is not None and reserved < _provisioned(record, but=qualifier) + wanted:
        raise ApiError(
            "Requested Provisioned Concurrency should not be greater than the "
            "reservedConcurrentExecution for function"
        )
    specified = "Specified ConcurrentExecutions for function "
    if wanted > ACCOUNT:
        message = f"is greater than account's unreserved concurrency [{ACCOUNT}]."
        raise ApiError(specified + message, Type="")
    if reserved is None and _unreserved(call.store) - wanted < UNRESERVED:
        message = "decreases account's UnreservedConcurrentExecution below its minimum value of "
        raise ApiError(f"{specified}{message}[{UNRESERVED}].", Type="")


def _check_version(record: Record, qualifier: str) -> None:
    """Raise ApiError if an alias and its version would both have provisioned concurrency."""
    configs = record["provisioned_concurrency"]
    if names.is_alias(qualifier):
        if record["aliases"][qualifier]["FunctionVersion"] in configs:
            raise conflict(
                "Alias can't be used for Provisioned Concurrency configuration on an already "
                "Provisioned version"
            )
    elif any(
        alias["FunctionVersion"] == qualifier and name in configs
        for name, alias in record["aliases"].items()
    ):
        raise conflict("Version is pointed by a Provisioned Concurrency alias")


def get_provisioned(call: ApiCall) -> Record:
    """GetProvisionedConcurrencyConfig."""
    record, named = _configs(call, _PUBLISHED_ONLY)
    qualifier = str(named.qualifier)
    if qualifier not in record["provisioned_concurrency"]:
        raise ApiError(
            "No Provisioned Concurrency Config found for this function",
            "ProvisionedConcurrencyConfigNotFoundException",
        )
    return _shown(call.store, record, qualifier)


def delete_provisioned(call: ApiCall) -> None:
    """DeleteProvisionedConcurrencyConfig."""
    record, named = _configs(call, _PUBLISHED_ONLY)
    record["provisioned_concurrency"].pop(named.qualifier, None)
    provision(call.store, record)


def list_provisioned(call: ApiCall) -> Record:
    """ListProvisionedConcurrencyConfigs."""
    name, store = names.resolve(call).name, call.store
    record = store.function(name)
    found = [
        {"FunctionArn": store.function_arn(name, qualifier), **_shown(store, record, qualifier)}
        for qualifier in record["provisioned_concurrency"]
    ]
    member = "ProvisionedConcurrencyConfigs"
    return page(call.given, member, found, lambda config: str(config["FunctionArn"]))
