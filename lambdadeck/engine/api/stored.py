"""Settings that are stored and answered: code signing, recursion, runtime management, scaling."""

import secrets

from lambdadeck.engine.api import configuration, names
from lambdadeck.engine.api.errors import ApiError, conflict, not_found
from lambdadeck.engine.api.paging import page
from lambdadeck.engine.api.store import ApiCall, Record

# ---- code signing configurations ----

_DEFAULT_POLICY = {"UntrustedArtifactOnDeployment": "Warn"}


def create_signing(call: ApiCall) -> Record:
    """CreateCodeSigningConfig."""
    identity = f"csc-{secrets.token_hex(9)[:17]}"
    config = {
        "CodeSigningConfigId": identity,
        "CodeSigningConfigArn": call.store.arn("code-signing-config", identity),
        "Description": call.given.get("Description") or "",
        "AllowedPublishers": call.given["AllowedPublishers"],
        "CodeSigningPolicies": call.given.get("CodeSigningPolicies") or _DEFAULT_POLICY,
        "LastModified": configuration.now(),
        "_tags": dict(call.given.get("Tags") or {}),
    }
    call.store.state.signing[call.store.key(str(config["CodeSigningConfigArn"]))] = config
    return {"CodeSigningConfig": _shown(config)}


def _shown(config: Record) -> Record:
    return {key: value for key, value in config.items() if not key.startswith("_")}


def _signing(call: ApiCall) -> Record:
    arn = call.given["CodeSigningConfigArn"]
    found = call.store.signing_configs().get(arn)
    if found is None:
        raise not_found(f"The Lambda code signing configuration {arn} can not be found.")
    return found


def get_signing(call: ApiCall) -> Record:
    """GetCodeSigningConfig."""
    return {"CodeSigningConfig": _shown(_signing(call))}


def update_signing(call: ApiCall) -> Record:
    """UpdateCodeSigningConfig."""
    config = _signing(call)
    for key in ("Description", "AllowedPublishers", "CodeSigningPolicies"):
        if call.given.get(key) is not None:
            config[key] = call.given[key]
    config["LastModified"] = configuration.now()
    return {"CodeSigningConfig": _shown(config)}


def delete_signing(call: ApiCall) -> Record:
    """DeleteCodeSigningConfig."""
    arn = _signing(call)["CodeSigningConfigArn"]
    if any(one.get("code_signing_config_arn") == arn for one in call.store.functions()):
        raise conflict("Code signing configuration is in use by a function.")
    del call.store.state.signing[call.store.key(arn)]
    return {}


def list_signing(call: ApiCall) -> Record:
    """ListCodeSigningConfigs."""
    found = [_shown(config) for config in call.store.signing_configs().values()]
    member = "CodeSigningConfigs"
    return page(call.given, member, found, lambda one: str(one["CodeSigningConfigArn"]))


def list_signed(call: ApiCall) -> Record:
    """ListFunctionsByCodeSigningConfig."""
    arn = _signing(call)["CodeSigningConfigArn"]
    found = [
        one["config"]["FunctionArn"]
        for one in call.store.functions()
        if one.get("code_signing_config_arn") == arn
    ]
    return page(call.given, "FunctionArns", found, str)


def check_signing(call: ApiCall, arn: str) -> None:
    """Raise ApiError unless a function's code signing configuration exists."""
    if arn not in call.store.signing_configs():
        raise ApiError(
            "The code signing configuration cannot be found. Check that the provided configuration "
            f"is not deleted: {arn}.",
            "CodeSigningConfigNotFoundException",
        )


def put_function_signing(call: ApiCall) -> Record:
    """PutFunctionCodeSigningConfig."""
    arn = call.given["CodeSigningConfigArn"]
    name = names.resolve(call).name
    check_signing(call, arn)
    call.store.function(name)["code_signing_config_arn"] = arn
    return {"CodeSigningConfigArn": arn, "FunctionName": name}


def get_function_signing(call: ApiCall) -> Record:
    """GetFunctionCodeSigningConfig."""
    name = names.resolve(call).name
    arn = call.store.function(name).get("code_signing_config_arn")
    return {"CodeSigningConfigArn": arn, "FunctionName": name} if arn else {}


def delete_function_signing(call: ApiCall) -> None:
    """DeleteFunctionCodeSigningConfig."""
    call.store.function(names.resolve(call).name).pop("code_signing_config_arn", None)


# ---- settings of one function ----


def get_recursion(call: ApiCall) -> Record:
    """GetFunctionRecursionConfig."""
    record = call.store.function(names.resolve(call).name)
    return {"RecursiveLoop": record.get("recursive_loop", "Terminate")}


def put_recursion(call: ApiCall) -> Record:
    """PutFunctionRecursionConfig."""
    record = call.store.function(names.resolve(call).name)
    record["recursive_loop"] = call.given["RecursiveLoop"]
    return get_recursion(call)


def _version(call: ApiCall) -> tuple[Record, names.Named]:
    named = names.resolve(call)
    record = call.store.function(named.name)
    names.check_qualifier(call, record, named)
    version = names.version_of(record, named.qualifier)
    return version or record, named


def get_runtime_management(call: ApiCall) -> Record:
    """GetRuntimeManagementConfig."""
    version, named = _version(call)
    arn = call.store.function_arn(*named)
    return {"UpdateRuntimeOn": "Auto", **version.get("runtime_management", {}), "FunctionArn": arn}


def put_runtime_management(call: ApiCall) -> Record:
    """PutRuntimeManagementConfig."""
    version, _ = _version(call)
    mode, arn = call.given["UpdateRuntimeOn"], call.given.get("RuntimeVersionArn")
    if mode == "Manual" and not arn:
        raise ApiError("RuntimeVersionArn is required when UpdateRuntimeOn is Manual.")
    if mode != "Manual" and arn:
        raise ApiError("RuntimeVersionArn is supported only when UpdateRuntimeOn is Manual.")
    stated = {"UpdateRuntimeOn": mode, **({"RuntimeVersionArn": arn} if arn else {})}
    version["runtime_management"] = stated
    return get_runtime_management(call)
