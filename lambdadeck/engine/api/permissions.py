"""The resource policy of a function: one for each version and alias."""

import json
import re

from lambdadeck.engine.api import names
from lambdadeck.engine.api.configuration import revision
from lambdadeck.engine.api.errors import ApiError, conflict, not_found, stale
from lambdadeck.engine.api.store import ApiCall, Record

CONDITIONS = (
    ("SourceArn", "ArnLike", "AWS:SourceArn"),
    ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
    ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
)


def add(call: ApiCall) -> Record:
    """AddPermission."""
    given = call.given
    named = names.resolve(call)
    if named.qualifier == "$LATEST":
        raise ApiError("We currently do not support adding policies for $LATEST.")
    if given.get("FunctionUrlAuthType") and given["Action"] != "lambda:InvokeFunctionUrl":
        # recorded by users of RJPearson94/terraform-aws-open-next, issue 73 (2026)
        message = "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action"
        raise ApiError(message)
    record = call.store.function(named.name)
    qualifier = names.check_qualifier(call, record, named)
    _check_revision(call, record, qualifier, "GetPolicy")
    resource, sid = call.store.function_arn(*named), given["StatementId"]
    if any(one["Sid"] == sid for one in _statements(record, resource)):
        raise conflict(
            f"The statement id ({sid}) provided already exists. Please provide a new statement id, "
            "or remove the existing statement."
        )
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal(given["Principal"]),
        "Action": given["Action"],
        "Resource": resource,
        **_condition(given),
    }
    record["policy"]["Statement"].append(statement)
    _touch(record, qualifier)
    return {"Statement": json.dumps(statement, separators=(",", ":"))}


def principal(stated: str) -> str | dict[str, str]:
    """Return who may call, as a policy writes it; raise ApiError."""
    if stated == "*":
        return "*"
    if stated.endswith(".amazonaws.com"):
        return {"Service": stated}
    if re.fullmatch(r"\d{12}", stated):
        return {"AWS": f"arn:aws:iam::{stated}:root"}
    if re.match(r"arn:aws[a-z-]*:(iam|sts):", stated):
        return {"AWS": stated}
    message = "The provided principal was invalid. Please check the principal and try again."
    raise ApiError(message)


def _condition(given: Record) -> Record:
    condition: dict[str, dict[str, str]] = {}
    for member, operator, key in CONDITIONS:
        if given.get(member):
            condition.setdefault(operator, {})[key] = given[member]
    if given.get("InvokedViaFunctionUrl") is not None:
        stated = str(given["InvokedViaFunctionUrl"]).lower()
        condition["Bool"] = {"lambda:InvokedViaFunctionUrl": stated}
    return {"Condition": condition} if condition else {}


def _statements(record: Record, resource: str) -> list[Record]:
    return [one for one in record["policy"]["Statement"] if one.get("Resource") == resource]


def _check_revision(call: ApiCall, record: Record, qualifier: str, get: str) -> None:
    stated = call.given.get("RevisionId")
    if stated and stated != names.holder(record, qualifier)["RevisionId"]:
        raise stale(get)


def _touch(record: Record, qualifier: str) -> None:
    names.holder(record, qualifier)["RevisionId"] = revision()


def _resource(call: ApiCall, named: names.Named) -> str:
    qualifier = None if named.qualifier == "$LATEST" else named.qualifier
    return call.store.function_arn(named.name, qualifier)


def remove(call: ApiCall) -> None:
    """RemovePermission."""
    named = names.resolve(call)
    record = call.store.find(named.name)
    if record is None:
        raise not_found(f"No policy found for: {call.store.function_arn(named.name)}")
    qualifier = names.check_qualifier(call, record, named)
    statements = _statements(record, _resource(call, named))
    if not statements:
        raise not_found("No policy is associated with the given resource.")
    sid = call.given["StatementId"]
    chosen = next((one for one in statements if one["Sid"] == sid), None)
    if chosen is None:
        raise not_found(f"Statement {sid} is not found in resource policy.")
    _check_revision(call, record, qualifier, "GetFunction/GetAlias")
    record["policy"]["Statement"].remove(chosen)
    _touch(record, qualifier)


def get(call: ApiCall) -> Record:
    """GetPolicy."""
    named = names.resolve(call)
    record = call.store.function(named.name)
    statements = _statements(record, _resource(call, named))
    if not statements:
        raise not_found("The resource you requested does not exist.")
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return {
        "Policy": json.dumps(policy, separators=(",", ":")),
        "RevisionId": names.holder(record, named.qualifier or "$LATEST")["RevisionId"],
    }
