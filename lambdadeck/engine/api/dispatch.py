"""The operations that are ours, and the one way into them."""

import json
from collections.abc import Callable

from lambdadeck.engine.api import (
    aliases,
    concurrency,
    event_invoke,
    functions,
    layer_permissions,
    layers,
    mappings,
    permissions,
    requests,
    stored,
    tags,
    urls,
    versions,
)
from lambdadeck.engine.api.errors import ApiError, BusyError, response
from lambdadeck.engine.api.store import ApiCall, Record, Store
from lambdadeck.engine.http.message import Request, Response

OPERATIONS: dict[str, Callable[[ApiCall], Record | None]] = {
    "AddLayerVersionPermission": layer_permissions.add,
    "AddPermission": permissions.add,
    "CreateAlias": aliases.create,
    "CreateCodeSigningConfig": stored.create_signing,
    "CreateEventSourceMapping": mappings.create,
    "CreateFunction": functions.create,
    "CreateFunctionUrlConfig": urls.create,
    "DeleteAlias": aliases.delete,
    "DeleteCodeSigningConfig": stored.delete_signing,
    "DeleteEventSourceMapping": mappings.delete,
    "DeleteFunction": functions.delete,
    "DeleteFunctionCodeSigningConfig": stored.delete_function_signing,
    "DeleteFunctionConcurrency": concurrency.delete,
    "DeleteFunctionEventInvokeConfig": event_invoke.delete,
    "DeleteFunctionUrlConfig": urls.delete,
    "DeleteLayerVersion": layers.delete,
    "DeleteProvisionedConcurrencyConfig": concurrency.delete_provisioned,
    "GetAccountSettings": concurrency.account_settings,
    "GetAlias": aliases.get,
    "GetCodeSigningConfig": stored.get_signing,
    "GetEventSourceMapping": mappings.get,
    "GetFunction": functions.get,
    "GetFunctionCodeSigningConfig": stored.get_function_signing,
    "GetFunctionConcurrency": concurrency.get,
    "GetFunctionConfiguration": functions.get_configuration,
    "GetFunctionEventInvokeConfig": event_invoke.get,
    "GetFunctionRecursionConfig": stored.get_recursion,
    "GetFunctionUrlConfig": urls.get,
    "GetLayerVersion": layers.get,
    "GetLayerVersionByArn": layers.get_by_arn,
    "GetLayerVersionPolicy": layer_permissions.get,
    "GetPolicy": permissions.get,
    "GetProvisionedConcurrencyConfig": concurrency.get_provisioned,
    "GetRuntimeManagementConfig": stored.get_runtime_management,
    "ListAliases": aliases.list_all,
    "ListCodeSigningConfigs": stored.list_signing,
    "ListEventSourceMappings": mappings.list_all,
    "ListFunctionEventInvokeConfigs": event_invoke.list_all,
    "ListFunctionUrlConfigs": urls.list_all,
    "ListFunctions": functions.list_all,
    "ListFunctionsByCodeSigningConfig": stored.list_signed,
    "ListLayerVersions": layers.list_versions,
    "ListLayers": layers.list_all,
    "ListProvisionedConcurrencyConfigs": concurrency.list_provisioned,
    "ListTags": tags.list_all,
    "ListVersionsByFunction": versions.list_all,
    "PublishLayerVersion": layers.publish,
    "PublishVersion": versions.create,
    "PutFunctionCodeSigningConfig": stored.put_function_signing,
    "PutFunctionConcurrency": concurrency.put,
    "PutFunctionEventInvokeConfig": event_invoke.put,
    "PutFunctionRecursionConfig": stored.put_recursion,
    "PutProvisionedConcurrencyConfig": concurrency.put_provisioned,
    "PutRuntimeManagementConfig": stored.put_runtime_management,
    "RemoveLayerVersionPermission": layer_permissions.remove,
    "RemovePermission": permissions.remove,
    "TagResource": tags.tag,
    "UntagResource": tags.untag,
    "UpdateAlias": aliases.update,
    "UpdateCodeSigningConfig": stored.update_signing,
    "UpdateEventSourceMapping": mappings.update,
    "UpdateFunctionCode": functions.update_code,
    "UpdateFunctionConfiguration": functions.update_configuration,
    "UpdateFunctionEventInvokeConfig": event_invoke.update,
    "UpdateFunctionUrlConfig": urls.update,
}


def answer(request: Request, store: Store, caller: str) -> Response:
    """Answer a request to Lambda's API; raise BusyError during a state transition."""
    try:
        operation, given = requests.read(request)
        perform = OPERATIONS.get(operation.name)
        if perform is None:
            message = f"The embedded Lambda does not support {operation.name}."
            raise ApiError(message, "UnknownOperationException")
        body = perform(ApiCall(operation.name, given, store, caller, len(request.body)))
    except BusyError:
        raise
    except ApiError as error:
        return response(error)
    status = operation.status
    if operation.name == "DeleteFunction":  # StatusCode is the response's own
        return Response(204, [], b"")
    content = b"" if body is None else json.dumps(body).encode()
    headers = [(b"content-type", b"application/json")] if content else []
    return Response(status, headers, content)
