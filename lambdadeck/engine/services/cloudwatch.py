"""What invocations leave in CloudWatch: the lines of their logs, and metrics."""

import itertools
import time
from collections.abc import Callable
from typing import Any

from lambdadeck.engine.model import FunctionSpec, Outcome
from lambdadeck.engine.services.bounded import BoundedLogs, merge_older

METRICS = ("Invocations", "Errors", "Throttles", "Duration")


class CloudWatch:
    """Writes to ministack's CloudWatch; `module` imports one of its modules by name."""

    def __init__(self, module: Callable[[str], Any]) -> None:
        self._lambda, self._scope = module("services.lambda_svc"), module("core.responses")
        self._logs, self._metrics = (
            module("services.cloudwatch_logs"),
            module("services.cloudwatch"),
        )
        self._kept, self._ids = BoundedLogs(), itertools.count()

    def log(self, spec: FunctionSpec, stream: str, lines: list[str]) -> None:
        """Write an invocation's lines to its stream in CloudWatch Logs."""
        self._scope.set_request_region(spec.region)
        names = {"logGroupName": spec.log_group, "logStreamName": stream}
        if spec.log_group not in self._logs._log_groups:
            self._logs._create_log_group(names)
        group = self._logs._log_groups[spec.log_group]
        if stream not in group["streams"]:
            self._logs._create_log_stream(names)
        now = int(time.time() * 1000)
        events = [self._event(line or "\n", now) for line in lines]  # AWS has no empty messages
        self._logs._append_log_events(group["streams"][stream], events)
        self._kept.add(group, stream, len(events))
        if group.get("subscriptionFilters"):
            self._logs._fanout_to_subscription_filters(spec.log_group, stream, events)

    def _event(self, message: str, now: int) -> dict[str, Any]:
        event_id = f"{(now << 32) + next(self._ids):056d}"  # 56 digits, as on AWS
        return {"timestamp": now, "message": message, "ingestionTime": now, "eventId": event_id}

    def count(self, spec: FunctionSpec, outcome: Outcome | None) -> None:
        """Count an invocation in the AWS/Lambda metrics; None if it was throttled."""
        self._scope.set_request_region(spec.region)
        self._lambda._emit_lambda_metrics(
            spec.name,
            duration_ms=outcome.duration_ms if outcome else 0.0,
            error=bool(outcome and outcome.function_error),
            throttle=outcome is None,
        )
        dimensions = self._metrics._dims_key({"FunctionName": spec.name})
        for metric in METRICS:
            merge_older(self._metrics._metric_bucket(("AWS/Lambda", metric, dimensions)))
