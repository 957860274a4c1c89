"""Say what is wrong with an event that is no JSON, in the words of Jackson, which AWS uses."""

import json
import re

from lambdadeck.engine.api.errors import ApiError

_VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_SOURCE = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {}, "


def check(event: bytes) -> None:
    """Raise ApiError unless the event is JSON, or empty."""
    try:
        json.loads(event or b"{}")
    except (ValueError, RecursionError) as error:
        message = "Could not parse request body into json: Could not parse payload into json: "
        raise ApiError(message + _said(event, error), "InvalidRequestContentException") from None


def _said(event: bytes, error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        start = len(event) - len(event.lstrip())
        if error.start > start:
            return f"Invalid UTF-8 start byte 0x{event[error.start]:02x}" + _at(
                event, error.start + 1
            )
        return _unexpected(event, error.start)
    if isinstance(error, json.JSONDecodeError) and error.msg == "Expecting value":
        at = len(error.doc[: error.pos].encode())
        if word := re.match(rb"[A-Za-z_$][\w$]*", event[at:]):
            token = word[0].decode()
            return f"Unrecognized token '{token}': was expecting {_VALUE}" + _at(
                event, at + len(token)
            )
        if at < len(event):
            return _unexpected(event, at)
    return str(error)


def _unexpected(event: bytes, at: int) -> str:
    code = event[at]
    plain = 32 < code < 127
    shown = f"'{chr(code)}' (code {code})" if plain else f"(CTRL-CHAR, code {code})"
    return f"Unexpected character ({shown}): expected a valid value {_VALUE}" + _at(event, at)


def _at(event: bytes, at: int) -> str:
    """Return the place of a byte, as Jackson counts lines and columns."""
    line = event.count(b"\n", 0, at) + 1
    column = at - (event.rfind(b"\n", 0, at) + 1) + 1
    return f"\n at {_SOURCE.format(line)}column: {column}]"
