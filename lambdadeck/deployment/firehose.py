"""Records as Amazon Data Firehose sends them to a function, and what the function returned.

Source: docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html
"""

import base64
from collections.abc import Sequence

from lambdadeck.functions import InvokeResult
from lambdadeck.shared.table import Table, table_of

ARRIVED_MS = 1_510_000_000_000  # 2017-11-06T20:26:40Z
_STREAM = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/bricklane-archive"


def event(records: Sequence[str], arrived_ms: int = ARRIVED_MS) -> dict[str, object]:
    """Return the event with these texts as records; `arrived_ms` is milliseconds since 1970."""
    return {
        "invocationId": "invocation-1",
        "deliveryStreamArn": _STREAM,
        "region": "eu-west-1",
        "records": [
            {
                "recordId": str(number),
                "approximateArrivalTimestamp": arrived_ms,
                "data": base64.b64encode(text.encode()).decode(),
            }
            for number, text in enumerate(records, 1)
        ],
    }


def table(records: Sequence[str], answer: InvokeResult) -> Table:
    """Tabulate records: what went in, the result (Ok, Dropped, ProcessingFailed), what came out."""
    if answer.error is not None:
        return table_of([{"record": "none was transformed", "why": answer.error}])
    rows = [
        {"record": text, "result": one["result"], "archived as": _archived(one)}
        for text, one in zip(records, answer.payload["records"], strict=True)
    ]
    return table_of(rows)


def _archived(one: dict[str, str]) -> str:
    return base64.b64decode(one["data"]).decode().strip() if one["result"] == "Ok" else "–"
