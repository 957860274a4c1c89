"""Who may invoke a function: its resource policy, as AddPermission writes it."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase

from lambdadeck.engine.api.store import Record

UNKNOWN = "*"  # the value of a condition key that the engine does not know: it meets conditions
INVOKE, INVOKE_URL = "lambda:InvokeFunction", "lambda:InvokeFunctionUrl"


def allows(
    record: Record, arn: str, action: str, principal: str, context: Mapping[str, str]
) -> bool:
    """Return whether a statement for `arn` lets a principal act.

    `principal` is a service, or "*" for anyone; `context` has the condition keys of the request.
    """
    return any(
        statement["Resource"] == arn
        and fnmatchcase(action.lower(), statement["Action"].lower())
        and _is_principal(statement["Principal"], principal)
        and _meets(statement.get("Condition") or {}, context)
        for statement in record["policy"]["Statement"]
    )


def _is_principal(stated: str | Mapping[str, str], principal: str) -> bool:
    names = [stated] if isinstance(stated, str) else list(stated.values())
    return "*" in names or principal in names


def _meets(condition: Mapping[str, Mapping[str, str]], context: Mapping[str, str]) -> bool:
    known = {key.lower(): value for key, value in context.items()}
    return all(
        _compare(operator, wanted, known.get(key.lower()))
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _compare(operator: str, wanted: str, value: str | None) -> bool:
    if value in (None, UNKNOWN):
        return value == UNKNOWN
    if operator == "ArnLike":
        pattern = re.escape(wanted).replace(r"\*", ".*").replace(r"\?", ".")
        return re.fullmatch(pattern, str(value)) is not None
    return value == wanted
