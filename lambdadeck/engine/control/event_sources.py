"""SNS, EventBridge, IoT and CloudWatch Logs invoke functions asynchronously, as in AWS.

ministack runs the function once and drops a failure. Here the event goes to the queue of event
invocations, with retries, destinations and dead-letter queue.
"""

import base64
import gzip
import json
import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any
from uuid import uuid4

Accept = Callable[[dict[str, Any], Any], None]


class EventSources:
    """Routes the services' events to `accept`, which gets a function's record and an event."""

    def __init__(self, functions: ModuleType, accept: Accept) -> None:
        self._functions, self._accept = functions, accept
        self._waiting = {
            "ministack.services.sns": ("_deliver_to_lambda", self._sns),
            "ministack.services.eventbridge": ("_dispatch_to_lambda", self._eventbridge),
            "ministack.services.iot": ("_dispatch_rule_to_lambda", self._iot),
            "ministack.services.cloudwatch_logs": ("_fanout_to_subscription_filters", self._logs),
        }

    def adopt(self) -> None:
        """Patch the services imported since the last call: ministack imports each on first use."""
        for name, (entrance, take_over) in list(self._waiting.items()):
            module = sys.modules.get(name)
            if module is not None and hasattr(module, entrance):
                take_over(module)
                del self._waiting[name]

    def _sns(self, module: ModuleType) -> None:
        # SNS builds its event itself; only running the function is replaced.
        module._lambda_svc = SimpleNamespace(  # type: ignore[attr-defined]
            _get_func_record_for_ref=self._functions._get_func_record_for_ref,
            _execution_record_for_config=self._functions._execution_record_for_config,
            _execute_function_with_config_scope=self._accept,
        )

    def _eventbridge(self, module: ModuleType) -> None:
        def dispatch(arn: str, payload: str) -> None:
            record, config, _ = self._functions._get_func_record_for_ref(arn)
            self._hand_over(record, config, json.loads(payload))

        module._dispatch_to_lambda = dispatch  # type: ignore[attr-defined]

    def _iot(self, module: ModuleType) -> None:
        def dispatch(account: str, region: str, arn: str, event: Any) -> None:
            record, config, _ = self._functions._get_func_record_for_ref_in_scope(
                arn, account_id=account, region=region
            )
            self._hand_over(record, config, event)

        module._dispatch_rule_to_lambda = dispatch  # type: ignore[attr-defined]

    def _logs(self, module: ModuleType) -> None:
        def fan_out(group: str, stream: str, lines: list[dict[str, Any]]) -> None:
            filters = (module._log_groups.get(group) or {}).get("subscriptionFilters", {})
            matches = module._subscription_pattern_matches
            for chosen in filters.values():
                record = self._functions._functions.get(subscriber(chosen["destinationArn"], group))
                pattern, name = chosen.get("filterPattern"), chosen["filterName"]
                matching = [line for line in lines if matches(pattern, line["message"])]
                if record and matching:
                    account = module.get_account_id()
                    event = subscription_event(account, group, stream, name, matching)
                    self._accept(record, event)

        module._fanout_to_subscription_filters = fan_out  # type: ignore[attr-defined]

    def _hand_over(
        self, record: dict[str, Any] | None, config: dict[str, Any] | None, event: Any
    ) -> None:
        if record and config:  # else the function was deleted: AWS ignores that too
            self._accept(self._functions._execution_record_for_config(record, config), event)


def subscriber(destination: str, group: str) -> str | None:
    """Return the function that a filter of log group `group` sends to, None if it sends elsewhere.

    Return None too for a function that subscribes to its own group: it would call itself forever.
    """
    parts = destination.split(":")
    name = parts[6] if parts[2:3] == ["lambda"] and len(parts) > 6 else None
    return None if group == f"/aws/lambda/{name}" else name


def subscription_event(
    account: str, group: str, stream: str, name: str, lines: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the event of filter `name`; lines have `timestamp` (milliseconds) and `message`."""
    told = [
        {"id": uuid4().hex, "timestamp": line["timestamp"], "message": line["message"]}
        for line in lines
    ]
    message = {
        "messageType": "DATA_MESSAGE",
        "owner": account,
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": [name],
        "logEvents": told,
    }
    return {
        "awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(message).encode())).decode()}
    }
