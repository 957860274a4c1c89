"""Lambda's API as botocore describes it: operations, their members, and error shapes."""

import gzip
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

Shape = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation: its name, how a request names it, and the shape of its input."""

    name: str
    method: str
    path: re.Pattern[str]
    query: dict[str, str]  # fixed parameters, such as List=ALL
    status: int
    input: Shape


@cache
def model() -> dict[str, Any]:
    """Return botocore's service model of Lambda, without its documentation."""
    versions = [f for f in files("botocore").joinpath("data", "lambda").iterdir() if f.is_dir()]
    packed = max(versions, key=lambda f: f.name).joinpath("service-2.json.gz").read_bytes()
    read: dict[str, Any] = json.loads(
        gzip.decompress(packed),
        object_hook=lambda found: (
            found
            if isinstance(found.get("documentation"), dict)
            else {key: value for key, value in found.items() if key != "documentation"}
        ),
    )
    return read


def shape(name: str) -> Shape:
    """Return a shape of the model."""
    found: Shape = model()["shapes"][name]
    return found


def error(code: str) -> Shape:
    """Return the shape of an error that the model declares."""
    return shape(code)


@cache
def operations() -> dict[str, list[Operation]]:
    """Return the operations by method; those with fixed parameters come first."""
    found: dict[str, list[Operation]] = {}
    for name, stated in model()["operations"].items():
        operation = _operation(name, stated)
        same = found.setdefault(operation.method, [])
        same.insert(0 if operation.query else len(same), operation)
    return found


def _operation(name: str, stated: dict[str, Any]) -> Operation:
    http = stated["http"]
    path, _, query = http["requestUri"].partition("?")
    named = re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+)", path)
    fixed = dict(pair.partition("=")[::2] for pair in query.split("&")) if query else {}
    taken = shape(stated["input"]["shape"]) if "input" in stated else {"members": {}}
    compiled = re.compile(named + "/?")
    return Operation(name, http["method"], compiled, fixed, http.get("responseCode", 200), taken)


def find(method: str, path: str, query: dict[str, list[str]]) -> tuple[Operation, re.Match[str]]:
    """Return the operation that a request names, and the parts of its path; raise LookupError."""
    for operation in operations().get(method, []):
        fixed = all(query.get(key) == [value] for key, value in operation.query.items())
        if fixed and (parts := operation.path.fullmatch(path)):
            return operation, parts
    raise LookupError(f"{method} {path} is no operation of Lambda's API.")
