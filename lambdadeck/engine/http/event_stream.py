"""AWS's binary event streams (application/vnd.amazon.eventstream).

Source: Smithy, "Amazon Event Stream specification".
"""

import struct
import zlib
from collections.abc import Mapping

MEDIA = b"application/vnd.amazon.eventstream"
_STRING = 7  # the type of a header's value


def event(kind: str, media: str, payload: bytes) -> bytes:
    """Return one event of a stream as bytes."""
    named = {":message-type": "event", ":event-type": kind, ":content-type": media}
    headers = _headers(named)
    lengths = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = lengths + struct.pack("!I", zlib.crc32(lengths)) + headers + payload
    return message + struct.pack("!I", zlib.crc32(message))


def _headers(named: Mapping[str, str]) -> bytes:
    return b"".join(
        struct.pack("!B", len(name))
        + name.encode()
        + struct.pack("!BH", _STRING, len(value))
        + value.encode()
        for name, value in named.items()
    )
