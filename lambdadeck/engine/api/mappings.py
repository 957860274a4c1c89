"""Event source mappings: queues and streams that Lambda polls."""

import time
from functools import partial
from uuid import uuid4

from lambdadeck.engine.api import mapping_rules, names
from lambdadeck.engine.api.errors import InUseError, not_found
from lambdadeck.engine.api.paging import page
from lambdadeck.engine.api.store import ApiCall, Record

QUEUE = {
    "BatchSize": 10,
    "MaximumBatchingWindowInSeconds": 0,
    "StateTransitionReason": "USER_INITIATED",
}
STREAM = {
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "LastProcessingResult": "No records processed",
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "StateTransitionReason": "User action",
    "TumblingWindowInSeconds": 0,
}
SETTINGS = (
    *("BatchSize", "BisectBatchOnFunctionError", "DestinationConfig", "FilterCriteria"),
    *("FunctionResponseTypes", "KMSKeyArn", "MaximumBatchingWindowInSeconds"),
    *("MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "ParallelizationFactor"),
    *("ScalingConfig", "TumblingWindowInSeconds"),
)
ONCE = ("EventSourceArn", "StartingPosition", "StartingPositionTimestamp")
_REMOVED_BY_EMPTY = ("FilterCriteria", "ScalingConfig")


def create(call: ApiCall) -> Record:
    """CreateEventSourceMapping."""
    given, store = call.given, call.store
    source = mapping_rules.service(given)
    mapping_rules.check(given, source)
    target = mapping_rules.function(call)
    arn = given["EventSourceArn"]
    mapping_rules.check_source(call, arn, target)
    mapping_rules.check_unique(call, arn, target)
    uuid = str(uuid4())
    mapping = {
        "UUID": uuid,
        "EventSourceMappingArn": store.arn("event-source-mapping", uuid),
        **(QUEUE if source == "sqs" else STREAM),
        "FunctionResponseTypes": [],
        **_stated(given, (*ONCE, *SETTINGS)),
        "FunctionArn": target["arn"],
        "LastModified": time.time(),
        "State": "Creating",
        "_tags": dict(given.get("Tags") or {}),
    }
    store.state.mappings[store.key(uuid)] = mapping
    store.effects.pollers.add(mapping)
    _settle_later(call, mapping, "Disabled" if given.get("Enabled") is False else "Enabled")
    return _shown(mapping)


def _stated(given: Record, members: tuple[str, ...]) -> Record:
    return {name: given[name] for name in members if given.get(name) is not None}


def _shown(mapping: Record) -> Record:
    empty = {name for name in _REMOVED_BY_EMPTY if not any((mapping.get(name) or {}).values())}
    return {
        key: value for key, value in mapping.items() if not key.startswith("_") and key not in empty
    }


def _settle_later(call: ApiCall, mapping: Record, state: str) -> None:
    """End a state transition after its time; begin or stop polling."""
    changed = mapping["LastModified"]

    def settle() -> None:
        if mapping["State"] != "Deleting" and mapping["LastModified"] == changed:
            mapping["State"] = state
            call.store.effects.pollers.update(mapping)

    call.store.effects.later(settle)


def _found(call: ApiCall) -> Record:
    mapping = call.store.mappings().get(call.given["UUID"])
    if mapping is None:
        raise not_found("The resource you requested does not exist.")
    return mapping


def _settled(call: ApiCall, verb: str) -> Record:
    """Return the mapping; raise InUseError during a state transition."""
    mapping = _found(call)
    if mapping["State"] not in ("Enabled", "Disabled"):
        raise InUseError(f"Cannot {verb} the event source mapping because it is in use.")
    return mapping


def get(call: ApiCall) -> Record:
    """GetEventSourceMapping."""
    return _shown(_found(call))


def update(call: ApiCall) -> Record:
    """UpdateEventSourceMapping."""
    given, mapping = call.given, _settled(call, "update")
    source = mapping_rules.service(mapping)
    stated = _stated(given, SETTINGS)
    mapping_rules.check({**mapping, **stated}, source)
    if given.get("FunctionName"):
        target = mapping_rules.function(call)
        if target["arn"] != mapping["FunctionArn"]:
            mapping_rules.check_unique(call, mapping["EventSourceArn"], target)
        stated["FunctionArn"] = target["arn"]
    enabled, before = given.get("Enabled"), mapping["State"]
    after = before if enabled is None else ("Enabled" if enabled else "Disabled")
    passing = "Updating" if after == before else after.replace("led", "ling")
    mapping.update(stated, State=passing, LastModified=time.time())
    _settle_later(call, mapping, after)
    return _shown(mapping)


def delete(call: ApiCall) -> Record:
    """DeleteEventSourceMapping."""
    mapping = _settled(call, "delete")
    mapping["State"] = "Deleting"
    call.store.effects.pollers.remove(mapping)
    rows, key = call.store.state.mappings, call.store.key(mapping["UUID"])
    call.store.effects.later(partial(rows.__delitem__, key))
    return _shown(mapping)


def list_all(call: ApiCall) -> Record:
    """ListEventSourceMappings."""
    given, found = call.given, list(call.store.mappings().values())
    if given.get("EventSourceArn"):
        found = [one for one in found if one["EventSourceArn"] == given["EventSourceArn"]]
    if given.get("FunctionName"):
        named = names.resolve(call)
        stated = call.store.function_arn(*named)
        length = 8 if named.qualifier else 7
        found = [
            one for one in found if one["FunctionArn"].split(":")[:length] == stated.split(":")
        ]
    return page(
        given, "EventSourceMappings", [_shown(one) for one in found], lambda one: str(one["UUID"])
    )
