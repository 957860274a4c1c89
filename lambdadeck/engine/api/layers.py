"""Layers and their versions."""

import re
from collections.abc import Sequence

from lambdadeck.engine.api import code, configuration
from lambdadeck.engine.api.errors import ApiError, not_found
from lambdadeck.engine.api.paging import page
from lambdadeck.engine.api.store import ApiCall, Record

_ARN = re.compile(r"arn:[^:]+:lambda:([^:]+):(\d{12}):layer:([a-zA-Z0-9-_]+)(?::(\d+))?")
_MISSING = "The resource you requested does not exist."


def publish(call: ApiCall) -> Record:
    """PublishLayerVersion."""
    given, store = call.given, call.store
    name = layer_name(call)
    blob = code.read(call, given["Content"])
    layer = store.layer(name) or {"versions": [], "next_version": 1}
    number = layer["next_version"]
    layer["next_version"] += 1
    version = {
        "LayerArn": store.arn("layer", name),
        "LayerVersionArn": store.arn("layer", f"{name}:{number}"),
        "Version": number,
        "Description": given.get("Description") or "",
        "CreatedDate": configuration.now(),
        "Content": code.described(blob),
        **{
            key: given[key]
            for key in ("CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo")
            if given.get(key) is not None
        },
        "_zip_data": blob,
        "_policy": {"Version": "2012-10-17", "Id": "default", "Statement": []},
        "_policy_revision_id": configuration.revision(),
    }
    layer["versions"].append(version)
    store.add_layer(name, layer)
    return _shown(call, version)


def layer_name(call: ApiCall) -> str:
    """Return the name in LayerName, which may be an ARN."""
    stated = str(call.given["LayerName"])
    found = _ARN.fullmatch(stated)
    return found[3] if found else stated


def _shown(call: ApiCall, version: Record) -> Record:
    """Return a version with the address of its content."""
    content = {**version["Content"], "Location": call.store.effects.publish(version["_zip_data"])}
    return {**_summary(version), "Content": content}


def _summary(version: Record) -> Record:
    hidden = ("Content", "LayerArn")
    shown = {key: one for key, one in version.items() if not key.startswith("_")}
    return {**{key: one for key, one in shown.items() if key not in hidden}, **_arn(version)}


def _arn(version: Record) -> Record:
    return {"LayerArn": version["LayerArn"]}


def find(call: ApiCall, name: str, number: int) -> Record | None:
    """Return a version that has not been deleted."""
    layer = call.store.layer(name) or {"versions": []}
    alive = [one for one in layer["versions"] if not one.get("_deleted")]
    return next((one for one in alive if one["Version"] == number), None)


def _checked_number(call: ApiCall) -> int:
    number = int(call.given["VersionNumber"])
    if number < 1:
        raise ApiError("Layer Version Cannot be less than 1")
    return number


def get(call: ApiCall) -> Record:
    """GetLayerVersion."""
    version = find(call, layer_name(call), _checked_number(call))
    if version is None:
        raise not_found(_MISSING)
    return _shown(call, version)


def get_by_arn(call: ApiCall) -> Record:
    """GetLayerVersionByArn."""
    found = _ARN.fullmatch(call.given["Arn"])
    here = found and (found[1], found[2]) == (call.store.region, call.store.account)
    version = find(call, found[3], int(found[4])) if found and here else None
    if version is None:
        raise not_found(_MISSING)
    return _shown(call, version)


def delete(call: ApiCall) -> None:
    """DeleteLayerVersion: functions that use the version keep it."""
    version = find(call, layer_name(call), _checked_number(call))
    if version:
        version["_deleted"] = True


def _matching(call: ApiCall, layer: Record) -> list[Record]:
    """Return a layer's versions, newest first, that fit the filters of a listing."""
    runtime = call.given.get("CompatibleRuntime")
    architecture = call.given.get("CompatibleArchitecture")
    return [
        one
        for one in reversed(layer["versions"])
        if not one.get("_deleted")
        and (runtime is None or runtime in one.get("CompatibleRuntimes", ()))
        and (architecture is None or architecture in one.get("CompatibleArchitectures", ()))
    ]


def list_all(call: ApiCall) -> Record:
    """ListLayers."""
    found = [
        {
            "LayerName": name,
            "LayerArn": call.store.arn("layer", name),
            "LatestMatchingVersion": _listed(matching[0]),
        }
        for name, layer in call.store.layers().items()
        if (matching := _matching(call, layer))
    ]
    return page(call.given, "Layers", found, lambda layer: str(layer["LayerName"]))


def _listed(version: Record) -> Record:
    shown = _summary(version)
    del shown["LayerArn"]
    return shown


def list_versions(call: ApiCall) -> Record:
    """ListLayerVersions."""
    layer = call.store.layer(layer_name(call)) or {"versions": []}
    found = [_listed(one) for one in _matching(call, layer)]
    return page(call.given, "LayerVersions", found, lambda one: str(one["LayerVersionArn"]))


def attached(call: ApiCall, arns: Sequence[str]) -> list[Record]:
    """Return the Layers of a function's configuration."""
    return [
        {"Arn": arn, "CodeSize": len(blob)}
        for arn, blob in zip(arns, zips(call, arns), strict=True)
    ]


def zips(call: ApiCall, arns: Sequence[str]) -> list[bytes]:
    """Return the contents of these versions, also of deleted ones: functions keep them."""
    found = []
    for arn in arns:
        _, _, _, _, _, _, name, number = arn.split(":")
        layer = call.store.layer(name) or {"versions": []}
        found += [one["_zip_data"] for one in layer["versions"] if one["Version"] == int(number)]
    return found
