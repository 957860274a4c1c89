"""Keep logs and metrics of the engine's own invocations within a fixed size."""

from collections import deque
from itertools import groupby
from typing import Any

LINES = 50_000  # of all functions' logs: some 25 MB
POINTS = 2_000  # of one metric before the older half is merged
MINUTE_S = 60
Record = dict[str, Any]


class BoundedLogs:
    """Removes the oldest lines, and the streams that lose their last one."""

    def __init__(self, most: int = LINES) -> None:
        self._most, self._lines = most, 0
        self._batches: deque[tuple[Record, str, int]] = deque()

    def add(self, group: Record, stream: str, lines: int) -> None:
        """Count lines that were appended to a stream, and make room for them."""
        self._batches.append((group, stream, lines))
        self._lines += lines
        while self._lines > self._most and len(self._batches) > 1:
            group, stream, oldest = self._batches.popleft()
            self._lines -= oldest
            kept = group["streams"].get(stream, {"events": []})
            del kept["events"][:oldest]
            if not kept["events"]:
                group["streams"].pop(stream, None)


def merge_older(points: list[Record], most: int = POINTS) -> None:
    """Merge the older half of too many points into one statistic set a minute."""
    if len(points) > most:
        older = points[: most // 2]
        minutes = groupby(older, lambda point: point["Timestamp"] // MINUTE_S)
        points[: len(older)] = [_merged(list(same)) for _, same in minutes]


def _merged(points: list[Record]) -> Record:
    sets = [point.get("_stat") or _single(point["Value"]) for point in points]
    total = {
        "SampleCount": sum(one["SampleCount"] for one in sets),
        "Sum": sum(one["Sum"] for one in sets),
        "Minimum": min(one["Minimum"] for one in sets),
        "Maximum": max(one["Maximum"] for one in sets),
    }
    average = total["Sum"] / total["SampleCount"]
    return {**points[0], "Value": average, "_stat": total}


def _single(value: float) -> dict[str, float]:
    return {"SampleCount": 1.0, "Sum": value, "Minimum": value, "Maximum": value}
