"""What a subscription of CloudWatch Logs sends to a function: the matching lines, compressed, as AWS packs them.

Source of the shape: CloudWatch Logs user guide, "Subscription filters with AWS Lambda".
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any
from uuid import uuid4


def subscriber(destination: str, group: str) -> str | None:
    """The name of the function that a filter of log group `group` sends to; None when it sends elsewhere.

    None also for a function that subscribes to its own group: it would call itself for ever.
    """
    parts = destination.split(":")
    name = parts[6] if parts[2:3] == ["lambda"] and len(parts) > 6 else None
    return None if group == f"/aws/lambda/{name}" else name


def event(account: str, group: str, stream: str, name: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The event of filter `name` for these lines, each with its `timestamp` (milliseconds) and `message`."""
    told = [{"id": uuid4().hex, "timestamp": line["timestamp"], "message": line["message"]} for line in lines]
    message = {"messageType": "DATA_MESSAGE", "owner": account, "logGroup": group, "logStream": stream,
               "subscriptionFilters": [name], "logEvents": told}
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(message).encode())).decode()}}
