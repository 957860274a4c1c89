"""Deployment packages: their size, their content, their hash."""

import base64
import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from lambdadeck.engine.api.errors import ApiError
from lambdadeck.engine.api.packages import UNZIPPED_LIMIT, PackageError, is_empty, unzipped_size
from lambdadeck.engine.api.store import ApiCall, Record

ZIP_LIMIT = 50 * 1024 * 1024
REQUEST_LIMIT = 70_167_211  # bytes of a CreateFunction request


def read(call: ApiCall, given: Record, layers: Sequence[bytes] = ()) -> bytes:
    """Return the package that a call brings or names; raise ApiError if Lambda refuses it."""
    given = {**given, "ZipFile": _decoded(given["ZipFile"])} if given.get("ZipFile") else given
    blob = call.store.package(given)
    if is_empty(blob):
        # recorded by users of dumrauf/serverless_static_website_with_basic_auth, issue 17 (2020)
        raise ApiError("Uploaded file must be a non-empty zip")
    if len(blob) >= ZIP_LIMIT and "ZipFile" in given:
        message = f"Zipped size must be smaller than {ZIP_LIMIT} bytes"
        raise ApiError(message, "RequestEntityTooLargeException")
    check_size([blob, *layers])
    return blob


def check_request(call: ApiCall) -> None:
    """Raise ApiError if the request itself is too large."""
    if call.body_bytes > REQUEST_LIMIT:
        raise ApiError(
            f"Request must be smaller than {REQUEST_LIMIT} bytes for the {call.operation} "
            "operation",
            "RequestEntityTooLargeException",
        )


def inspect(body: bytes) -> None:
    """Look at the package in a large request, so that `check_size` need not; report nothing."""
    with suppress(ValueError, TypeError, AttributeError, ApiError):
        given = json.loads(body)
        holder = given.get("Code") or given.get("Content") or given
        unzipped_size(_decoded(holder.get("ZipFile")))


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        message = f"The ZipFile is not base64: {error}"
        raise ApiError(message, "SerializationException") from None


def check_size(packages: Sequence[bytes]) -> None:
    """Raise ApiError if a package cannot be unzipped or if they are too large together."""
    try:
        total = sum(unzipped_size(blob) for blob in packages)
    except PackageError as bad:
        raise ApiError(str(bad)) from None
    if total >= UNZIPPED_LIMIT:
        raise ApiError(f"Unzipped size must be smaller than {UNZIPPED_LIMIT} bytes")
    if total > shutil.disk_usage(tempfile.gettempdir()).free:
        message = f"Code storage limit exceeded: {tempfile.gettempdir()} has no room for it."
        raise ApiError(message, "CodeStorageExceededException")


def described(blob: bytes) -> Record:
    """Return the fields of a configuration that describe its package."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode()
    return {"CodeSize": len(blob), "CodeSha256": digest}
