"""Check a request against the service model, in AWS's words."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from lambdadeck.engine.api import schema, words
from lambdadeck.engine.api.errors import ApiError
from lambdadeck.engine.api.schema import Operation, Shape

# Lambda checks these itself, in other words.
_UNCHECKED = {"Runtime"}
_NUMBERS = ("integer", "long", "double", "float")
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "float": (int, float),
    "boolean": (bool,),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "blob": (str, bytes),
    "timestamp": (int, float, str),
}
_JSON_NAMES = {
    str: "STRING_VALUE",
    int: "NUMBER_VALUE",
    float: "NUMBER_VALUE",
    bool: "TRUE_VALUE",
    dict: "START_OBJECT",
    list: "START_ARRAY",
}


def check(operation: Operation, given: dict[str, Any]) -> None:
    """Raise ApiError unless `given` is what the operation's input shape allows."""
    found = list(_structure(operation.input, given, ""))
    if found:
        plural = "s" if len(found) > 1 else ""
        message = f"{len(found)} validation error{plural} detected: {'; '.join(found)}"
        raise ApiError(message, "ValidationException")


def _structure(shape: Shape, given: dict[str, Any], path: str) -> Iterator[str]:
    for name, member in shape["members"].items():
        at = f"{path}.{_lower(name)}" if path else _lower(name)
        if given.get(name) is None:
            if name in shape.get("required", ()):
                yield f"Value null at '{at}' failed to satisfy constraint: Member must not be null"
        else:
            yield from _member(member["shape"], given[name], at)


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _member(name: str, value: Any, path: str) -> Iterator[str]:
    shape = schema.shape(name)
    _check_type(shape["type"], value)
    if path == "compatibleRuntime":
        yield from _layer_runtime(value, path)
        return
    kinds: dict[str, Callable[[str, Shape, Any, str], Iterator[str]]] = {
        "structure": lambda _name, shape, value, path: _structure(shape, value, path),
        "list": _list,
        "map": _map,
    }
    if shape["type"] in kinds:
        yield from kinds[shape["type"]](name, shape, value, path)
        return
    for rule, is_broken in _rules(name):
        if is_broken(value):
            yield _violation(shape, value, path, rule)


def _layer_runtime(value: str, path: str) -> Iterator[str]:
    if value not in [*schema.shape("Runtime")["enum"], *words.LAYER_RUNTIMES.split(", ")]:
        rule = f"Member must satisfy enum value set: [{words.LAYER_RUNTIMES}]"
        yield _violation({}, value, path, rule)


def _violation(shape: Shape, value: Any, path: str, rule: str) -> str:
    shown = "" if shape.get("sensitive") else f" '{_java(value)}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {rule}"


def _list(name: str, shape: Shape, value: list[Any], path: str) -> Iterator[str]:
    for rule, is_broken in _rules(name):
        if is_broken(value):
            yield _violation(shape, value, path, rule)
    item = shape["member"]["shape"]
    if schema.shape(item)["type"] in ("structure", "list", "map"):
        for number, one in enumerate(value, 1):
            yield from _member(item, one, f"{path}.{number}.member")
    elif name == "CompatibleRuntimes":
        if not set(value) <= set(schema.shape("Runtime")["enum"]):
            rule = f"Member must satisfy enum value set: [{words.RUNTIMES}]"
            yield _violation(shape, value, path, rule)
    elif any(_breaks(item, one) for one in value):
        rules = _all_rules(item, nullable=item in words.NULLABLE)
        rule = f"Member must satisfy constraint: [{rules}]"
        yield _violation(shape, value, path, rule)


def _map(_name: str, shape: Shape, value: dict[str, Any], path: str) -> Iterator[str]:
    for kind, named, held in (("keys", "key", list(value)), ("value", "value", value.values())):
        item = shape[named]["shape"]
        if any(_breaks(item, one) for one in held):
            rules = _all_rules(item, nullable=kind == "keys")
            rule = f"Map {kind} must satisfy constraint: [{rules}]"
            yield _violation(shape, value, path, rule)


def _breaks(name: str, value: Any) -> bool:
    _check_type(schema.shape(name)["type"], value)
    return any(is_broken(value) for _, is_broken in _rules(name))


def _all_rules(name: str, nullable: bool) -> str:
    rules = [rule for rule, _ in reversed(_rules(name))]
    return ", ".join([*rules, *([] if nullable else ["Member must not be null"])])


Rule = tuple[str, Callable[[Any], bool]]


@cache
def _rules(name: str) -> list[Rule]:
    """Return a shape's constraints: AWS's words, and whether a value breaks them."""
    shape = schema.shape(name)
    rules: list[Rule] = []
    if name in _UNCHECKED or shape["type"] in ("blob", "timestamp"):
        return rules
    if "enum" in shape:
        values = words.ENUMS.get(name) or list(shape["enum"])
        rule = f"Member must satisfy enum value set: [{', '.join(values)}]"
        rules.append((rule, lambda value: value not in values))
    if "pattern" in shape:
        allowed = _pattern(shape["pattern"])
        rule = "Member must satisfy regular expression pattern: "
        rule += words.PATTERNS.get(name, str(shape["pattern"]))
        rules.append((rule, lambda value: not allowed.fullmatch(value)))
    return rules + _bounds(name, shape)


def _bounds(name: str, shape: Shape) -> list[Rule]:
    what = "value" if shape["type"] in _NUMBERS else "length"
    measure: Callable[[Any], Any] = (lambda value: value) if what == "value" else len
    low, high = shape.get("min"), words.MAXIMA.get(name, shape.get("max"))
    rules: list[Rule] = []
    if low is not None:
        rule = f"Member must have {what} greater than or equal to {low}"
        rules.append((rule, lambda value: measure(value) < low))
    if high is not None:
        rule = f"Member must have {what} less than or equal to {high}"
        rules.append((rule, lambda value: measure(value) > high))
    return rules


def _pattern(java: str) -> re.Pattern[str]:
    """Return Java's regular expression as Python's, which has no Unicode categories."""
    python = java.replace(r"\p{L}\p{Z}\p{N}", r"\w\s")
    return re.compile(python)


def _check_type(kind: str, value: Any) -> None:
    right = isinstance(value, _TYPES[kind]) and (kind == "boolean") == isinstance(value, bool)
    if not right:
        given = _JSON_NAMES.get(type(value), "NULL_VALUE")
        wanted = {"structure": "Object", "blob": "Blob"}.get(kind, kind.capitalize())
        message = f"{given} can not be converted to a {wanted}"
        raise ApiError(message, "SerializationException")


def _java(value: Any) -> str:
    """Return a value as Java prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_java, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java(one)}" for key, one in value.items()) + "}"
    return str(value)
