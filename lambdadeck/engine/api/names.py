"""Names of functions: a name, partial ARN or ARN, with or without a qualifier."""

import re
from typing import NamedTuple

from lambdadeck.engine.api.errors import ApiError, not_found
from lambdadeck.engine.api.store import ApiCall, Record
from lambdadeck.shared.names import FUNCTION

VERSION = re.compile(r"[0-9]+")
ALIAS = re.compile(r"(?![0-9]+$)[a-zA-Z0-9-_]+")
_MISMATCH = "The derived qualifier from the function name does not match the specified qualifier."


class Named(NamedTuple):
    """A function's name and qualifier; None if the call names no qualifier."""

    name: str
    qualifier: str | None


def resolve(call: ApiCall) -> Named:
    """Return what FunctionName and Qualifier of a call name; raise ApiError."""
    return parse(call, call.given["FunctionName"], call.given.get("Qualifier") or None)


def parse(call: ApiCall, stated: str, qualifier: str | None = None) -> Named:
    """Return what a name or ARN stands for in the region of the call; raise ApiError."""
    found = FUNCTION.fullmatch(stated)
    if found is None:  # the model's pattern has passed: $LATEST.PUBLISHED, or a name with a dot
        raise not_found(f"Function not found: {call.store.function_arn(stated)}")
    region, account = found["region"], found["account"]
    if region and region != call.store.region:
        message = f"Functions from '{region}' are not reachable in this region "
        raise not_found(f"{message}('{call.store.region}')")
    if account and account != call.store.account:
        raise _denied(call, stated)
    if qualifier and found["qualifier"] and qualifier != found["qualifier"]:
        raise ApiError(_MISMATCH)
    return Named(found["name"], qualifier or found["qualifier"])


def _denied(call: ApiCall, stated: str) -> ApiError:
    action = f"lambda:{'InvokeFunction' if call.operation == 'Invoke' else call.operation}"
    message = (
        f"User: {call.caller} is not authorized to perform: {action} on resource: {stated} "
        f"because no resource-based policy allows the {action} action"
    )
    return ApiError(message, "AccessDeniedException")


def is_alias(qualifier: str | None) -> bool:
    return bool(qualifier and ALIAS.fullmatch(qualifier))


def exists(record: Record, qualifier: str | None) -> bool:
    """Return whether a function has this version or alias."""
    known = qualifier in (None, "$LATEST")
    return known or qualifier in record["versions"] or qualifier in record["aliases"]


def check_qualifier(call: ApiCall, record: Record, named: Named) -> str:
    """Return the qualifier, $LATEST if none is named; raise ApiError if it does not exist."""
    if not exists(record, named.qualifier):
        arn = call.store.function_arn(*named)
        what = "Cannot find alias arn" if is_alias(named.qualifier) else "Function not found"
        raise not_found(f"{what}: {arn}")
    return named.qualifier or "$LATEST"


def version_of(record: Record, qualifier: str | None) -> Record | None:
    """Return the version behind a qualifier: the function itself for $LATEST."""
    if is_alias(qualifier):
        alias = record["aliases"].get(qualifier)
        qualifier = alias["FunctionVersion"] if alias else ""
    if qualifier in (None, "$LATEST"):
        return record
    found: Record | None = record["versions"].get(qualifier)
    return found


def holder(record: Record, qualifier: str) -> Record:
    """Return what carries the RevisionId of a qualifier: an alias, or a version's configuration."""
    if is_alias(qualifier):
        alias: Record = record["aliases"][qualifier]
        return alias
    version = record if qualifier == "$LATEST" else record["versions"][qualifier]
    config: Record = version["config"]
    return config
