"""Event patterns: the filter grammar of event source mappings.

Sources: Lambda developer guide, "Filter rule syntax"; EventBridge user guide, "Comparison
operators".
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Pattern = dict[str, Any]
_MISSING = object()
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda value, limit: value == limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
}


class PatternError(ValueError):
    """A filter's pattern does not follow the grammar."""


def read(text: str) -> Pattern:
    """Return a pattern; raise PatternError."""
    try:
        stated = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PatternError(f"The pattern is not JSON: {error}") from None
    if not isinstance(stated, dict):
        raise PatternError("The pattern is not a JSON object.")
    _check_fields(stated)
    return stated


# ---- the grammar ----


def _check_fields(pattern: Pattern) -> None:
    for key, value in pattern.items():
        if key == "$or" and _is_choice(value):
            for alternative in value:
                _check_fields(alternative)
        elif isinstance(value, dict):
            _check_fields(value)
        elif isinstance(value, list) and value:
            for rule in value:
                _check_rule(rule)
        else:
            raise PatternError(f"{key!r} must have an object or a list that is not empty.")


def _is_choice(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(isinstance(v, dict) for v in value)


def _check_rule(rule: Any) -> None:
    if isinstance(rule, list):
        raise PatternError("A list in a list is no rule.")
    if not isinstance(rule, dict):
        return
    if len(rule) != 1:
        raise PatternError("A rule has exactly one operator.")
    operator, operand = next(iter(rule.items()))
    if operator not in _OPERANDS or not _OPERANDS[operator](operand):
        raise PatternError(f"{operator!r} is no operator, or cannot have this value.")


def _is_text(operand: Any) -> bool:
    """Return whether it is a string, or a string whose case does not matter."""
    if isinstance(operand, dict):
        return list(operand) == ["equals-ignore-case"] and isinstance(
            operand["equals-ignore-case"], str
        )
    return isinstance(operand, str)


def _is_plain(operand: Any) -> bool:
    return isinstance(operand, str) or _is_number(operand)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_exclusion(operand: Any) -> bool:
    if isinstance(operand, dict):
        kinds = ("prefix", "suffix", "equals-ignore-case")
        if len(operand) != 1 or next(iter(operand)) not in kinds:
            return False
        operand = next(iter(operand.values()))
        return _is_text(operand) or (bool(operand) and _all_text(operand))
    if isinstance(operand, list):
        return bool(operand) and all(map(_is_plain, operand))
    return _is_plain(operand)


def _all_text(operand: Any) -> bool:
    return isinstance(operand, list) and all(isinstance(one, str) for one in operand)


def _is_range(operand: Any) -> bool:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        return False
    signs, limits = operand[::2], operand[1::2]
    known = all(sign in _COMPARE for sign in signs if isinstance(sign, str))
    if not known or not all(map(_is_number, limits)) or not _all_text(signs):
        return False
    return len(signs) == 1 or (
        signs[0] in (">", ">=") and signs[1] in ("<", "<=") and limits[0] < limits[1]
    )


_OPERANDS: Mapping[str, Callable[[Any], bool]] = {
    "exists": lambda operand: isinstance(operand, bool),
    "prefix": _is_text,
    "suffix": _is_text,
    "equals-ignore-case": lambda operand: isinstance(operand, str),
    "anything-but": _is_exclusion,
    "numeric": _is_range,
}


# ---- matching ----


def matches(pattern: Pattern, event: Any) -> bool:
    """Return whether an event has what the pattern asks for."""
    for key, wanted in pattern.items():
        if key == "$or" and _is_choice(wanted):
            if not any(matches(alternative, event) for alternative in wanted):
                return False
        elif not _field(wanted, _get(event, key)):
            return False
    return True


def _get(event: Any, key: str) -> Any:
    return event.get(key, _MISSING) if isinstance(event, dict) else _MISSING


def _field(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, dict):
        if isinstance(value, list):  # an object in an array may match
            return any(matches(wanted, one) for one in value)
        return matches(wanted, {} if value is _MISSING else value)
    return any(_rule(rule, value) for rule in wanted)


def _rule(rule: Any, value: Any) -> bool:
    if isinstance(rule, dict) and "exists" in rule:
        found = value is not _MISSING and not isinstance(value, dict)
        return bool(rule["exists"]) == found
    if value is _MISSING or isinstance(value, dict):
        return False
    values = value if isinstance(value, list) else [value]
    if not isinstance(rule, dict):
        return any(_same(rule, one) for one in values)
    operator, operand = next(iter(rule.items()))
    return any(_OPERATORS[operator](operand, one) for one in values)


def _same(wanted: Any, value: Any) -> bool:
    return bool(wanted == value) and isinstance(wanted, bool) == isinstance(value, bool)


def _at_end(method: str) -> Callable[[Any, Any], bool]:
    def check(operand: Any, value: Any) -> bool:
        if not isinstance(value, str):
            return False
        if isinstance(operand, dict):
            operand, value = operand["equals-ignore-case"].lower(), value.lower()
        return bool(getattr(value, method)(operand))

    return check


def _no_case(operand: Any, value: Any) -> bool:
    return isinstance(value, str) and value.lower() == operand.lower()


def _anything_but(operand: Any, value: Any) -> bool:
    if isinstance(operand, dict):
        operator, stated = next(iter(operand.items()))
        refused = stated if isinstance(stated, list) else [stated]
        return not any(_OPERATORS[operator](one, value) for one in refused)
    refused = operand if isinstance(operand, list) else [operand]
    return not any(_same(one, value) for one in refused)


def _numeric(operand: Sequence[Any], value: Any) -> bool:
    pairs = zip(operand[::2], operand[1::2], strict=True)
    return _is_number(value) and all(_COMPARE[sign](value, limit) for sign, limit in pairs)


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "prefix": _at_end("startswith"),
    "suffix": _at_end("endswith"),
    "equals-ignore-case": _no_case,
    "anything-but": _anything_but,
    "numeric": _numeric,
}
