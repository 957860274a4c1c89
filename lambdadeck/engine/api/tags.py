"""Tags of functions, event source mappings and code signing configurations."""

from lambdadeck.engine.api.configuration import revision
from lambdadeck.engine.api.errors import ApiError, not_found
from lambdadeck.engine.api.store import ApiCall, Record

LIMIT = 50


def _tags(call: ApiCall) -> tuple[dict[str, str], Record | None]:
    """Return the tags of a resource, and its function if it is one."""
    _, _, _, region, account, kind, name, *rest = call.given["Resource"].split(":")
    store = call.store
    if kind == "function" and rest:
        raise ApiError(
            "Tags on function aliases and versions are not supported. Please specify a function "
            "ARN."
        )
    if (region, account) != (store.region, store.account):
        raise not_found(f"Function not found: {call.given['Resource']}")
    if kind == "function":
        function = store.function(name)
        return function.setdefault("tags", {}), function
    if kind == "event-source-mapping" and name in store.mappings():
        return store.mappings()[name]["_tags"], None
    if call.given["Resource"] in store.signing_configs():
        return store.signing_configs()[call.given["Resource"]].setdefault("_tags", {}), None
    what = "Event source mapping" if kind == "event-source-mapping" else "Resource"
    raise not_found(f"{what} not found: {call.given['Resource']}")


def check_number(tags: Record) -> None:
    """Raise ApiError if a resource would have too many tags."""
    if len(tags) > LIMIT:
        raise ApiError("Number of tags exceeds resource tag limit.")


def tag(call: ApiCall) -> None:
    """TagResource."""
    if not call.given["Tags"]:
        raise ApiError("An error occurred and the request cannot be processed.")
    tags, function = _tags(call)
    check_number(tags | call.given["Tags"])
    tags.update(call.given["Tags"])
    _touch(function)


def untag(call: ApiCall) -> None:
    """UntagResource."""
    tags, function = _tags(call)
    for key in call.given["TagKeys"]:
        tags.pop(key, None)
    _touch(function)


def _touch(function: Record | None) -> None:
    if function:
        function["config"]["RevisionId"] = revision()


def list_all(call: ApiCall) -> Record:
    """ListTags."""
    return {"Tags": dict(_tags(call)[0])}
