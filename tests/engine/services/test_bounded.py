"""Logs and metrics keep a fixed size, however many invocations there are."""

import itertools

from lambdadeck.engine.services.bounded import BoundedLogs, merge_older


def test_logs_lose_their_oldest_lines_and_their_empty_streams():
    kept, group = BoundedLogs(10), {"streams": {}}
    for number in range(100):
        stream = group["streams"].setdefault(f"s{number // 10}", {"events": []})
        stream["events"] += [number] * 3
        kept.add(group, f"s{number // 10}", 3)
    assert {name: stream["events"] for name, stream in group["streams"].items()} == {
        "s9": [97] * 3 + [98] * 3 + [99] * 3
    }
    del group["streams"]["s9"]  # by DeleteLogStream
    kept.add(group, "s9", 9)


def test_older_points_of_a_metric_are_merged_by_the_minute_and_add_up():
    points = []
    for second in range(5000):
        points.append({"Timestamp": second / 10, "Value": float(second % 7), "Unit": "None"})
        merge_older(points, 100)
    assert len(points) <= 100
    sets = [p.get("_stat") or {"SampleCount": 1, "Sum": p["Value"]} for p in points]
    assert sum(one["SampleCount"] for one in sets) == 5000
    assert sum(one["Sum"] for one in sets) == sum(second % 7 for second in range(5000))
    assert max(one.get("Maximum", 0) for one in sets) == 6
    times = [point["Timestamp"] for point in points]
    assert all(a <= b for a, b in itertools.pairwise(times))
