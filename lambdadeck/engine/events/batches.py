"""Partial batch responses: which records of a batch have failed, by AWS's rules.

Source: Lambda developer guide, "Success and failure conditions" of partial batch responses.
"""

import json
from collections.abc import Sequence

from lambdadeck.engine.model import Outcome


def failed(outcome: Outcome, ids: Sequence[str], reports: bool) -> set[str]:
    """Return the ids of the records that have failed; `reports` is ReportBatchItemFailures.

    An invocation that fails, and an answer that names no records of the batch, fail all of them.
    """
    if outcome.function_error:
        return set(ids)
    found = _reported(outcome.payload) if reports else set()
    return set(ids) if found is None or not found <= set(ids) else found


def _reported(payload: bytes) -> set[str] | None:
    """Return the ids that a function reports; None if its answer is malformed."""
    try:
        answer = json.loads(payload or b"null")
    except ValueError:
        return None
    if not answer and not isinstance(answer, bool):  # null, "", {} and [] are success
        return set()
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else ()
    if failures is None:
        return set()
    if not isinstance(failures, list):
        return None
    ids = [one.get("itemIdentifier") if isinstance(one, dict) else None for one in failures]
    valid = all(isinstance(one, str) and one for one in ids)
    return set(map(str, ids)) if valid else None
