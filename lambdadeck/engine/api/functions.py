"""Create, get, list, change and delete functions."""

from typing import Any
from uuid import uuid4

from lambdadeck.engine.api import code, configuration, names, rules, stored, tags, versions
from lambdadeck.engine.api.configuration import UPDATING, listed, revision, shown
from lambdadeck.engine.api.errors import ApiError, conflict, not_found, stale
from lambdadeck.engine.api.layers import attached, zips
from lambdadeck.engine.api.paging import page
from lambdadeck.engine.api.store import ApiCall, Record


def create(call: ApiCall) -> Record:
    """CreateFunction."""
    given, store = call.given, call.store
    code.check_request(call)
    rules.check_package_type(given)
    tags.check_number(given.get("Tags") or {})
    _check_settings(call, creating=True)
    name, _ = names.resolve(call)
    rules.check_name(name, given["FunctionName"])
    if store.find(name):
        raise conflict(f"Function already exist: {name}")
    signing = given.get("CodeSigningConfigArn")
    if signing:
        stored.check_signing(call, signing)
    config = configuration.made(store, name, given)
    layers = given.get("Layers") or []
    config["Layers"] = attached(call, layers)
    blob = b""
    if config["PackageType"] == "Zip":
        blob = code.read(call, given.get("Code") or {}, zips(call, layers))
    config |= code.described(blob)
    record = _record(config, blob, given)
    if signing:
        record["code_signing_config_arn"] = signing
    store.add(name, record)
    answer = dict(config)
    if given.get("Publish"):
        answer["Version"] = versions.publish(record, pending=True)["config"]["Version"]
    _settle_later(call, record)
    return shown(answer, store)


def _record(config: Record, blob: bytes, given: Record) -> Record:
    """Return a function as ministack keeps it; `_built` changes with code and configuration."""
    image = (given.get("Code") or {}).get("ImageUri")
    return {
        "config": {**config, **({"ImageUri": image} if image else {})},
        "code_zip": blob,
        "versions": {},
        "next_version": 1,
        "tags": dict(given.get("Tags") or {}),
        "policy": {"Version": "2012-10-17", "Id": "default", "Statement": []},
        "event_invoke_configs": {},
        "aliases": {},
        "concurrency": None,
        "provisioned_concurrency": {},
        "_built": str(uuid4()),
    }


def _check_settings(call: ApiCall, creating: bool, config: Record | None = None) -> None:
    given = call.given
    rules.check_environment((given.get("Environment") or {}).get("Variables") or {})
    rules.check_handler(given.get("Handler") or "")
    rules.check_layers(call, given.get("Layers") or [])
    runtime = given.get("Runtime")
    if runtime is not None:
        rules.runtimes().check(runtime, creating)
    rules.check_logging(given.get("LoggingConfig") or {}, (config or {}).get("LoggingConfig") or {})
    rules.check_snap_start(given.get("SnapStart"), runtime or (config or {}).get("Runtime", ""))


def _settle_later(call: ApiCall, record: Record) -> None:
    """End the state transition of a function, and of versions published in it, after its time."""
    built = record["_built"]

    def settle() -> None:
        if record["_built"] == built:
            record["config"] = configuration.settled(record["config"])
        for version in record["versions"].values():
            if version["config"].get("State") == "Pending":
                version["config"] = configuration.settled(version["config"])

    call.store.effects.later(settle)


def get(call: ApiCall) -> Record:
    """GetFunction."""
    record, version, named = _found(call)
    config = version["config"]
    location = {"RepositoryType": "ECR", "ImageUri": config.get("ImageUri")}
    if config["PackageType"] == "Zip":
        url = call.store.effects.publish(version.get("code_zip") or b"")
        location = {"RepositoryType": "S3", "Location": url}
    answer: Record = {"Configuration": shown(config, call.store, named.qualifier), "Code": location}
    if record.get("tags"):
        answer["Tags"] = record["tags"]
    if record.get("concurrency") is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": record["concurrency"]}
    return answer


def get_configuration(call: ApiCall) -> Record:
    """GetFunctionConfiguration."""
    _, version, named = _found(call)
    return shown(version["config"], call.store, named.qualifier)


def _found(call: ApiCall) -> tuple[Record, Record, names.Named]:
    named = names.resolve(call)
    record = call.store.find(named.name)
    version = names.version_of(record, named.qualifier) if record else None
    if record is None or version is None:
        raise not_found(f"Function not found: {call.store.function_arn(*named)}")
    return record, version, named


def list_all(call: ApiCall) -> Record:
    """ListFunctions."""
    shown_all = call.given.get("FunctionVersion") == "ALL"
    found = []
    for record in call.store.functions():
        if not shown_all:
            found.append(listed(record["config"], call.store))
            continue
        found += versions.listing(record, call.store)
    return page(call.given, "Functions", found, lambda config: str(config["FunctionArn"]))


def delete(call: ApiCall) -> Record:
    """DeleteFunction."""
    named = names.resolve(call)
    if names.is_alias(named.qualifier):
        raise ApiError("Deletion of aliases is not currently supported.")
    if named.qualifier == "$LATEST":
        raise ApiError("$LATEST version cannot be deleted without deleting the function.")
    record = call.store.function(named.name)
    if named.qualifier is None:
        call.store.remove(named.name)
    elif named.qualifier in record["versions"]:
        _check_unused(record, named.qualifier)
        del record["versions"][named.qualifier]
        record["provisioned_concurrency"].pop(named.qualifier, None)
        call.store.effects.forget(call.store.function_arn(*named))
    return {"StatusCode": 204}


def _check_unused(record: Record, version: str) -> None:
    aliases = ", ".join(
        alias["Name"]
        for alias in record["aliases"].values()
        if alias["FunctionVersion"] == version
        or version in (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {})
    )
    if aliases:
        # recorded by users of alexcasalboni/aws-lambda-power-tuning, issue 124 (2020)
        start = "Unable to delete version because the following aliases reference it"
        raise conflict(f"{start}: [{aliases}]")


def _changing(call: ApiCall) -> Record:
    """Return the function that a call may change now; raise ApiError."""
    named = names.resolve(call)
    record = call.store.function(named.name)
    stated = call.given.get("RevisionId")
    if stated and stated != record["config"]["RevisionId"]:
        raise stale()
    rules.check_state(record, call.store.function_arn(named.name))
    return record


def _replace(call: ApiCall, record: Record, changes: dict[str, Any]) -> None:
    record["config"] = {
        **record["config"],
        **changes,
        **UPDATING,
        "LastModified": configuration.now(),
        "RevisionId": revision(),
    }
    record["_built"] = str(uuid4())
    call.store.effects.forget(call.store.function_arn(record["config"]["FunctionName"], "$LATEST"))
    _settle_later(call, record)


def update_code(call: ApiCall) -> Record:
    """UpdateFunctionCode."""
    given = call.given
    code.check_request(call)
    record = _changing(call)
    kind = record["config"]["PackageType"]
    if kind == "Image" and not given.get("ImageUri"):
        raise ApiError("Please provide ImageUri when updating a function with packageType Image.")
    if kind == "Zip" and given.get("ImageUri"):
        message = "Please don't provide ImageUri when updating a function with packageType Zip."
        raise ApiError(message)
    layers = [layer["Arn"] for layer in record["config"].get("Layers") or []]
    blob = code.read(call, given, zips(call, layers)) if kind == "Zip" else b""
    changes = code.described(blob)
    if given.get("Architectures"):
        changes["Architectures"] = given["Architectures"]
    if given.get("ImageUri"):
        changes["ImageUri"] = given["ImageUri"]
    if given.get("DryRun"):
        return shown({**record["config"], **changes}, call.store)
    record["code_zip"] = blob
    _replace(call, record, changes)
    if given.get("Publish"):
        config = versions.publish(record, pending=True)["config"]
        return shown(config, call.store, config["Version"])
    return shown(record["config"], call.store)


def update_configuration(call: ApiCall) -> Record:
    """UpdateFunctionConfiguration."""
    given = call.given
    record = _changing(call)
    _check_settings(call, creating=False, config=record["config"])
    changes = configuration.changed(record["config"], given, call.store.region)
    if given.get("Layers") is not None:
        code.check_size([record["code_zip"] or b"", *zips(call, given["Layers"])])
        changes["Layers"] = attached(call, given["Layers"])
    _replace(call, record, changes)
    return shown(record["config"], call.store)
