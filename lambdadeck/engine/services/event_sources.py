"""SNS, EventBridge, IoT and CloudWatch Logs invoke functions asynchronously, as in AWS.

ministack runs the function once and drops a failure. Here the event goes to the queue of event
invocations, with retries, destinations and dead-letter queue.
"""

import json
import sys
from collections.abc import Callable
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from lambdadeck.engine.api import access
from lambdadeck.engine.services import callers, event_shapes, gateways, streams
from lambdadeck.engine.services.callers import ServiceCaller
from lambdadeck.engine.services.gateways import Gateways

REFUSED = "Unable to validate the following destination configurations"
Accept = Callable[[dict[str, Any], Any, ServiceCaller | None], None]
MayInvoke = Callable[[str, ServiceCaller], bool]  # takes a function's ARN
_rule: ContextVar[str] = ContextVar("rule", default=access.UNKNOWN)  # that sends an event


class EventSources:
    """Routes the services' events to `accept`: a function's record, an event, and who sends it.

    `may_invoke` says whether a function's policy allows a caller.
    """

    def __init__(
        self, functions: ModuleType, accept: Accept, may_invoke: MayInvoke, apis: Gateways
    ) -> None:
        self._functions, self._accept, self._may_invoke = functions, accept, may_invoke
        self._waiting = {
            "ministack.services.apigateway": ("_invoke_lambda_proxy", apis.http),
            "ministack.services.apigateway_v1": ("_invoke_lambda_proxy_v1", apis.rest),
            "ministack.services.s3": ("_validate_notification_configs", self._s3),
            "ministack.services.sns": ("_deliver_to_lambda", self._sns),
            "ministack.services.eventbridge": ("_dispatch_to_lambda", self._eventbridge),
            "ministack.services.iot": ("_dispatch_rule_to_lambda", self._iot),
            "ministack.services.cognito": ("_build_presignup_event", self._cognito),
            "ministack.services.cloudwatch_logs": ("_fanout_to_subscription_filters", self._logs),
            "ministack.services.kinesis": ("_split_shard", streams.keep_closed),
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
        def deliver(
            arn: str, envelope: str, topic: str, subscription: str, *given: Any, **_: Any
        ) -> None:
            record, config, _name = self._functions._get_func_record_for_ref(arn)
            event = event_shapes.sns(json.loads(envelope), subscription, given[2] or {})
            self._hand_over(record, config, event, ServiceCaller("sns.amazonaws.com", topic))

        module._deliver_to_lambda = deliver  # type: ignore[attr-defined]

    def _eventbridge(self, module: ModuleType) -> None:
        own = module._invoke_target

        def invoke_target(target: Any, event: Any, rule: dict[str, Any], view: Any = None) -> None:
            _rule.set(rule.get("Arn", access.UNKNOWN))
            own(target, event, rule, view)

        def dispatch(arn: str, payload: str) -> None:
            record, config, _ = self._functions._get_func_record_for_ref(arn)
            by_role = _rule.get().startswith("arn:aws:scheduler:")  # a schedule has one
            caller = None if by_role else ServiceCaller("events.amazonaws.com", _rule.get())
            self._hand_over(record, config, json.loads(payload), caller)

        module._invoke_target = invoke_target  # type: ignore[attr-defined]
        module._dispatch_to_lambda = dispatch  # type: ignore[attr-defined]

    def _iot(self, module: ModuleType) -> None:
        own = module._dispatch_rule_action

        async def act(account: str, region: str, rule: str, action: Any, event: Any) -> None:
            _rule.set(f"arn:aws:iot:{region}:{account}:rule/{rule}")
            await own(account, region, rule, action, event)

        def dispatch(account: str, region: str, arn: str, event: Any) -> None:
            record, config, _ = self._functions._get_func_record_for_ref_in_scope(
                arn, account_id=account, region=region
            )
            caller = ServiceCaller("iot.amazonaws.com", _rule.get(), account)
            self._hand_over(record, config, event, caller)

        module._dispatch_rule_action = act  # type: ignore[attr-defined]
        module._dispatch_rule_to_lambda = dispatch  # type: ignore[attr-defined]

    def _cognito(self, module: ModuleType) -> None:
        own, own_error = module._build_presignup_event, module.error_response_json

        def build(*given: Any, **named: Any) -> Any:
            return event_shapes.cognito_sign_up(own(*given, **named), gateways.sent())

        def error(code: str, message: str, *more: Any) -> Any:
            denied = message.endswith(callers.DENIED)
            return own_error("UnexpectedLambdaException" if denied else code, message, *more)

        module.error_response_json = error  # type: ignore[attr-defined]
        module._build_presignup_event = build  # type: ignore[attr-defined]

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
                    event = event_shapes.logs(account, group, stream, name, matching)
                    region = module.get_region()
                    arn = f"arn:aws:logs:{region}:{account}:log-group:{group}:*"
                    self._accept(record, event, ServiceCaller("logs.amazonaws.com", arn, account))

        module._fanout_to_subscription_filters = fan_out  # type: ignore[attr-defined]

    def _hand_over(
        self,
        record: dict[str, Any] | None,
        config: dict[str, Any] | None,
        event: Any,
        caller: ServiceCaller | None,
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
