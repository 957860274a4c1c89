"""Lend Lambda's state to ministack, and read packages from its S3."""

from collections.abc import Callable
from typing import Any

from lambdadeck.engine.api.errors import ApiError
from lambdadeck.engine.api.store import State

_FAILED = "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}"


def lend(state: State, module: Any) -> None:
    """Let ministack's Lambda module, and with it all other services, see our rows."""
    module._functions._data = state.functions
    module._layers._data = state.layers
    module._function_urls._data = state.urls


def reader(module: Any, scope: Any, buckets: Any) -> Callable[[str, str, str, str | None], bytes]:
    """Return a function that reads an object by region, bucket, key and version.

    `buckets` is ministack's S3, and `scope` its setting of the region.
    """

    def s3_object(region: str, bucket: str, key: str, version: str | None) -> bytes:
        scope.set_request_region(region)
        if elsewhere := module.s3_code_region_message(bucket):
            raise ApiError(elsewhere)
        if buckets.bucket_region(bucket) is None:
            message = "The specified bucket does not exist"
            raise ApiError(_FAILED.format("NoSuchBucket", message))
        found: bytes | None = module._fetch_code_from_s3(bucket, key, version)
        if found is None:
            raise ApiError(_FAILED.format("NoSuchKey", "The specified key does not exist."))
        return found

    return s3_object
