"""ministack's tables of functions and layers, as Lambda's own API uses them."""

from collections.abc import Callable
from typing import Any

from lambdadeck.engine.api.errors import ApiError
from lambdadeck.engine.api.store import ProvisionedEnvironments, SourcePollers, Tables

_FAILED = "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}"


def tables(
    module: Any,
    scope: Any,
    buckets: Any,
    later: Callable[[Callable[[], None]], None],
    forget: Callable[[str], None],
    publish: Callable[[bytes], str],
    pollers: SourcePollers,
    provisioning: ProvisionedEnvironments,
) -> Tables:
    """Return the tables of ministack's Lambda module; `buckets` is its S3."""

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

    return Tables(
        functions=module._functions,
        layers=module._layers,
        urls=module._function_urls,
        pollers=pollers,
        provisioning=provisioning,
        s3_object=s3_object,
        later=later,
        forget=forget,
        publish=publish,
    )
