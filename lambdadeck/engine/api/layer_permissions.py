"""The resource policy of a layer's version."""

import json

from lambdadeck.engine.api.configuration import revision
from lambdadeck.engine.api.errors import conflict, not_found, stale
from lambdadeck.engine.api.layers import find, layer_name
from lambdadeck.engine.api.permissions import principal
from lambdadeck.engine.api.store import ApiCall, Record


def _version(call: ApiCall) -> Record:
    name, number = layer_name(call), int(call.given["VersionNumber"])
    version = find(call, name, number)
    if version is None:
        arn = call.store.arn("layer", f"{name}:{number}")
        raise not_found(f"Layer version {arn} does not exist.")
    return version


def _check_revision(call: ApiCall, version: Record) -> None:
    stated = call.given.get("RevisionId")
    if stated and stated != version["_policy_revision_id"]:
        raise stale("GetLayerPolicy")


def add(call: ApiCall) -> Record:
    """AddLayerVersionPermission."""
    given, version = call.given, _version(call)
    statements, sid = version["_policy"]["Statement"], given["StatementId"]
    if any(one["Sid"] == sid for one in statements):
        raise conflict(
            f"The statement id ({sid}) provided already exists. Please provide a new statement id, "
            "or remove the existing statement."
        )
    _check_revision(call, version)
    statement: Record = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal(given["Principal"]),
        "Action": given["Action"],
        "Resource": version["LayerVersionArn"],
    }
    if given.get("OrganizationId"):
        condition = {"StringEquals": {"aws:PrincipalOrgID": given["OrganizationId"]}}
        statement["Condition"] = condition
    statements.append(statement)
    version["_policy_revision_id"] = revision()
    return {"Statement": json.dumps(statement), "RevisionId": version["_policy_revision_id"]}


def remove(call: ApiCall) -> None:
    """RemoveLayerVersionPermission."""
    version, sid = _version(call), call.given["StatementId"]
    _check_revision(call, version)
    statements = version["_policy"]["Statement"]
    chosen = next((one for one in statements if one["Sid"] == sid), None)
    if chosen is None:
        raise not_found(f"Statement {sid} is not found in resource policy.")
    statements.remove(chosen)
    version["_policy_revision_id"] = revision()


def get(call: ApiCall) -> Record:
    """GetLayerVersionPolicy."""
    version = _version(call)
    if not version["_policy"]["Statement"]:
        raise not_found("No policy is associated with the given resource.")
    return {"Policy": json.dumps(version["_policy"]), "RevisionId": version["_policy_revision_id"]}
