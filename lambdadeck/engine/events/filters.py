"""Filter criteria of event source mappings: what of a record they see, and which records pass."""

import base64
import json
from functools import cache
from typing import Any

from lambdadeck.engine.events import patterns

Record = dict[str, Any]
_pattern = cache(patterns.read)


def passes(mapping: Record, record: Record) -> bool:
    """Return whether one of the mapping's filters matches; without filters every record passes."""
    filters = (mapping.get("FilterCriteria") or {}).get("Filters") or ()
    subject = _subject(record) if filters else {}
    return not filters or any(patterns.matches(_pattern(f["Pattern"]), subject) for f in filters)


def _subject(record: Record) -> Record:
    if "body" in record:
        return {**record, "body": _parsed(record["body"])}
    if "kinesis" in record:
        data = base64.b64decode(record["kinesis"]["data"]).decode("utf-8", errors="replace")
        return {**record, **record["kinesis"], "data": _parsed(data)}
    return record


def _parsed(text: str) -> Any:
    """Return the object or array in a text, else the text: filters may compare it as it is."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict | list) else text
