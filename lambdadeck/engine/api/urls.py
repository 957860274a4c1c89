"""Function URLs as Lambda's API configures them."""

import secrets
import string

from lambdadeck.engine.api import configuration, names
from lambdadeck.engine.api.errors import conflict, not_found
from lambdadeck.engine.api.paging import page
from lambdadeck.engine.api.store import ApiCall, Record

_CHARACTERS = string.ascii_lowercase + string.digits
_NO_FUNCTION = "Function does not exist"
_NO_URL = "The resource you requested does not exist."


def _key(named: names.Named) -> str:
    """Return the key of a URL in its table: the name, with the alias if there is one."""
    return f"{named.name}:{named.qualifier}" if named.qualifier else named.name


def create(call: ApiCall) -> Record:
    """CreateFunctionUrlConfig."""
    given, named = call.given, names.resolve(call)
    record = call.store.find(named.name)
    if record is None:
        raise not_found(_NO_FUNCTION)
    arn = call.store.function_arn(*named)
    if call.store.url(_key(named)):
        raise conflict(
            f"Failed to create function url config for [functionArn = {arn}]. Error message:  "
            "FunctionUrlConfig exists for this Lambda function"
        )
    if named.qualifier and named.qualifier not in record["aliases"]:
        raise not_found(_NO_FUNCTION)
    label = "".join(secrets.choice(_CHARACTERS) for _ in range(32))
    now = configuration.now()
    config = {
        "FunctionUrl": f"https://{label}.lambda-url.{call.store.region}.on.aws/",
        "FunctionArn": arn,
        "AuthType": given["AuthType"],
        "InvokeMode": given.get("InvokeMode") or "BUFFERED",
        "CreationTime": now,
        "LastModifiedTime": now,
        **({"Cors": given["Cors"]} if given.get("Cors") else {}),
    }
    call.store.add_url(_key(named), config)
    return {key: value for key, value in config.items() if key != "LastModifiedTime"}


def _found(call: ApiCall) -> tuple[str, Record]:
    key = _key(names.resolve(call))
    config = call.store.url(key)
    if config is None:
        raise not_found(_NO_URL)
    return key, config


def get(call: ApiCall) -> Record:
    """GetFunctionUrlConfig."""
    return _found(call)[1]


def update(call: ApiCall) -> Record:
    """UpdateFunctionUrlConfig."""
    named = names.resolve(call)
    record = call.store.find(named.name)
    if record is None or not names.exists(record, named.qualifier):
        raise not_found(_NO_FUNCTION)
    key, config = _found(call)
    stated = ("AuthType", "Cors", "InvokeMode")
    changes = {name: call.given[name] for name in stated if call.given.get(name) is not None}
    changed = {**config, **changes, "LastModifiedTime": configuration.now()}
    if not changed.get("Cors"):
        changed.pop("Cors", None)
    call.store.add_url(key, changed)
    return changed


def delete(call: ApiCall) -> None:
    """DeleteFunctionUrlConfig."""
    call.store.remove_url(_found(call)[0])


def list_all(call: ApiCall) -> Record:
    """ListFunctionUrlConfigs."""
    name = names.resolve(call).name
    if call.store.find(name) is None:
        raise not_found(_NO_FUNCTION)
    found = [config for key, config in call.store.urls().items() if key.split(":")[0] == name]
    return page(call.given, "FunctionUrlConfigs", found, lambda one: str(one["FunctionArn"]))
