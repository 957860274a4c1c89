"""Read JSON, and refuse what is none in the words of Jackson, which AWS uses."""

import json
import re
from typing import Any

from lambdadeck.engine.api.errors import ApiError

# What Jackson expected where Python's decoder says this.
_EXPECTED = {
    "Expecting property name enclosed in double quotes": "double-quote to start field name",
    "Expecting ':' delimiter": "a colon to separate field name and value",
    "Expecting ',' delimiter": "comma to separate {} entries",
}
_STRING = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
_VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_SOURCE = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {}, "


DEPTH = DIGITS = 1000  # jackson-core 2.16, StreamReadConstraints


def check(event: bytes) -> None:
    """Raise ApiError unless the event is JSON, or empty."""
    read(event, "Could not parse payload into json: ")


def read(body: bytes, part: str = "") -> Any:
    """Return the value of a body, {} if it is empty; raise ApiError, which names the part."""
    try:
        return _value(body or b"{}")
    except (ValueError, RecursionError) as error:
        message = f"Could not parse request body into json: {part}{_said(body, error)}"
        raise ApiError(message, "InvalidRequestContentException") from None


def _value(body: bytes) -> Any:
    text = body.decode(json.detect_encoding(body), "surrogatepass")
    value = _DECODER.decode(text)
    if text.count("[") + text.count("{") > DEPTH and _is_deep(value):
        raise RecursionError
    return value


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH):
        children = (node.values() if isinstance(node, dict) else node for node in level)
        level = [node for held in children for node in held if isinstance(node, (dict, list))]
    return bool(level)


def _integer(digits: str) -> int:
    return int(_checked(digits))


def _float(digits: str) -> float:
    return float(_checked(digits))


def _checked(digits: str) -> str:
    length = len(digits.lstrip("-"))
    if length > DIGITS:
        raise ValueError(f"Number value length ({length}) {_exceeds(DIGITS, 'NumberLength')}")
    return digits


def _constant(name: str) -> Any:
    feature = "`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS`"
    raise ValueError(f"Non-standard token '{name}': enable {feature} to allow")


def _exceeds(limit: int, what: str) -> str:
    return f"exceeds the maximum allowed ({limit}, from `StreamReadConstraints.getMax{what}()`)"


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=_constant)


def _said(event: bytes, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"Document nesting depth ({DEPTH + 1}) {_exceeds(DEPTH, 'NestingDepth')}"
    if isinstance(error, UnicodeDecodeError):
        start = len(event) - len(event.lstrip())
        if error.start > start:
            return f"Invalid UTF-8 start byte 0x{event[error.start]:02x}" + _at(
                event, error.start + 1
            )
        return _unexpected(event, error.start)
    if isinstance(error, json.JSONDecodeError):
        return _refused(event, error)
    return str(error)


def _refused(event: bytes, error: json.JSONDecodeError) -> str:
    at = len(error.doc[: error.pos].encode())
    if at >= len(event):
        return _ended(event, error)
    if error.msg == "Expecting value":
        if word := re.match(rb"[A-Za-z_$][\w$]*", event[at:]):
            token = word[0].decode()
            return f"Unrecognized token '{token}': was expecting {_VALUE}" + _at(
                event, at + len(token)
            )
        return _unexpected(event, at)
    if error.msg in _EXPECTED:
        kind, _ = _opened(error.doc[: error.pos])
        return _unexpected(event, at, f"was expecting {_EXPECTED[error.msg].format(kind)}")
    return str(error)


def _opened(text: str) -> tuple[str, int]:
    """Return what is open at the end of a text, "Object" or "Array", and where it begins."""
    blank = _STRING.sub(lambda found: " " * len(found[0]), text)
    begun = [(-1, "")]
    for at, mark in enumerate(blank):
        if mark in "{[":
            begun.append((at, mark))
        elif mark in "}]":
            begun.pop()
    at, mark = begun[-1]
    return ("Array" if mark == "[" else "Object"), at


def _ended(event: bytes, error: json.JSONDecodeError) -> str:
    """Return what Jackson says of a text that ends too early."""
    kind, start = _opened(error.doc)
    if start < 0:
        return str(error)
    open_entry = error.msg == "Expecting ':' delimiter" or error.doc.rstrip()[-1:] in (",", ":")
    if open_entry:
        said = f" within/between {kind} entries"
    else:
        begun = _place(event, len(error.doc[:start].encode()))
        said = f": expected close marker for {kind} (start marker at {begun})"
    return f"Unexpected end-of-input{said}" + _at(event, len(event))


def _unexpected(event: bytes, at: int, wanted: str = f"expected a valid value {_VALUE}") -> str:
    code = event[at]
    plain = 32 < code < 127
    shown = f"'{chr(code)}' (code {code})" if plain else f"(CTRL-CHAR, code {code})"
    return f"Unexpected character ({shown}): {wanted}" + _at(event, at)


def _at(event: bytes, at: int) -> str:
    return f"\n at {_place(event, at)}"


def _place(event: bytes, at: int) -> str:
    """Return the place of a byte, as Jackson counts lines and columns."""
    line = event.count(b"\n", 0, at) + 1
    column = at - (event.rfind(b"\n", 0, at) + 1) + 1
    return f"{_SOURCE.format(line)}column: {column}]"
