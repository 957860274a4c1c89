"""Addresses of packages, as GetFunction states them."""

import secrets
import time

VALID_S = 600  # GetFunction: "a presigned URL that is valid for 10 minutes"
MOST = 1000


class PackageUrls:
    """Serves packages at addresses that nobody can guess, for as long as AWS's are valid."""

    def __init__(self, port: int, start_id: str) -> None:
        self._prefix = f"http://127.0.0.1:{port}/_public/{start_id}/packages/"
        self._served: dict[str, tuple[float, bytes]] = {}

    def publish(self, package: bytes) -> str:
        """Return the address of a package."""
        now = time.monotonic()
        expired = [token for token, (until, _) in self._served.items() if until < now]
        for token in expired + list(self._served)[:-MOST]:
            self._served.pop(token, None)
        token = secrets.token_hex(16)
        self._served[token] = (now + VALID_S, package)
        return f"{self._prefix}{token}"

    def find(self, token: str) -> bytes | None:
        """Return a package, None if there is none or its time is over."""
        until, package = self._served.get(token, (0.0, b""))
        return package if until > time.monotonic() else None
