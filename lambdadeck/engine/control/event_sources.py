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

from lambdadeck.engine.control import callers
from lambdadeck.engine.control.callers import ServiceCaller

REFUSED = "Unable to validate the following destination configurations"
Accept = Callable[[dict[str, Any], Any, ServiceCaller | None], None]
MayInvoke = Callable[[str, ServiceCaller], bool]  # takes a function's ARN


class EventSources:
    """Routes the services' events to `accept`: a function's record, an event, and who sends it.

    `may_invoke` says whether a function's policy allows a caller.
    """

    def __init__(self, functions: ModuleType, accept: Accept, may_invoke: MayInvoke) -> None:
        self._functions, self._accept, self._may_invoke = functions, accept, may_invoke
        self._waiting = {
            "ministack.services.s3": ("_validate_notification_configs", self._s3),
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

    def _s3(self, module: ModuleType) -> None:
        own = module._validate_notification_configs

        def validate(
            configs: list[dict[str, Any]], region: str, name: str = "", skip: bool = False
        ) -> Any:
            wrong = own(configs, region, name, skip)
            arns = [config["arn"] for config in configs if config["type"] == "lambda"]
            if wrong or skip or all(self._may_invoke(arn, callers.bucket(name)) for arn in arns):
                return wrong
            return module._invalid_notification_config(REFUSED)

        module._validate_notification_configs = validate  # type: ignore[attr-defined]

    def _sns(self, module: ModuleType) -> None:
        # SNS builds its event itself; only running the function is replaced.
        module._lambda_svc = SimpleNamespace(  # type: ignore[attr-defined]
            _get_func_record_for_ref=self._functions._get_func_record_for_ref,
            _execution_record_for_config=self._functions._execution_record_for_config,
            _execute_function_with_config_scope=lambda record, event: self._accept(
                record, event, None
            ),
        )

    def _eventbridge(self, module: ModuleType) -> None:
        def dispatch(arn: str, payload: str) -> None:
            record, config, _ = self._functions._get_func_record_for_ref(arn)
            self._hand_over(
                record, config, json.loads(payload), ServiceCaller("events.amazonaws.com")
            )

        module._dispatch_to_lambda = dispatch  # type: ignore[attr-defined]

    def _iot(self, module: ModuleType) -> None:
        def dispatch(account: str, region: str, arn: str, event: Any) -> None:
            record, config, _ = self._functions._get_func_record_for_ref_in_scope(
                arn, account_id=account, region=region
            )
            self._hand_over(
                record, config, event, ServiceCaller("iot.amazonaws.com", account=account)
            )

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
                    region = module.get_region()
                    arn = f"arn:aws:logs:{region}:{account}:log-group:{group}:*"
                    self._accept(record, event, ServiceCaller("logs.amazonaws.com", arn, account))

        module._fanout_to_subscription_filters = fan_out  # type: ignore[attr-defined]

    def _hand_over(
        self,
        record: dict[str, Any] | None,
        config: dict[str, Any] | None,
        event: Any,
        caller: ServiceCaller,
    ) -> None:
        if record and config:  # else the function was deleted: AWS ignores that too
            found = self._functions._execution_record_for_config(record, config)
            self._accept(found, event, caller)


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
