"""What another user of this machine can see and open; run by that user's own Python, by itself.

Standard input: JSON with `pids`, `paths`, `sockets` and `requests` (port, method, path, headers).
Standard output: JSON with `commands`, `environments`, `opened`, `connected` and `answers`.
"""

import contextlib
import http.client
import json
import os
import socket
import sys

CLOSED = 0  # the status of a port that does not speak HTTP


def commands(pids):
    """Return the command lines as ps shows them."""
    return {pid: read(f"/proc/{pid}/cmdline").replace("\0", " ") for pid in pids}


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def opened(paths):
    """Return the paths that can be listed, read or written below."""
    found = [path for path in paths if read(path) or os.access(path, os.W_OK)]
    for path in paths:
        with contextlib.suppress(OSError):
            found += [path] if os.listdir(path) else []
    return found


def connected(addresses):
    """Return the Unix sockets that take a connection; "@" begins an abstract name."""
    found = []
    for address in addresses:
        with socket.socket(socket.AF_UNIX) as one, contextlib.suppress(OSError):
            one.connect("\0" + address[1:] if address.startswith("@") else address)
            found.append(address)
    return found


def answers(requests, timeout_s=30):
    """Return the status of each request."""
    ports = {port for port, *_ in requests}
    kept = {p: http.client.HTTPConnection("127.0.0.1", p, timeout=timeout_s) for p in ports}
    try:
        return [answer(kept[port], *request) for port, *request in requests]
    finally:
        for connection in kept.values():
            connection.close()


def answer(connection, method, path, headers):
    try:
        connection.request(method, path, headers=headers)
        got = connection.getresponse()
        got.read()
        return got.status
    except (OSError, http.client.HTTPException, ValueError):
        connection.close()
        return CLOSED


def main():
    asked = json.load(sys.stdin)
    environments = [pid for pid in asked["pids"] if read(f"/proc/{pid}/environ")]
    found = {
        "commands": commands(asked["pids"]),
        "environments": environments,
        "opened": opened(asked["paths"]),
        "connected": connected(asked["sockets"]),
        "answers": answers(asked["requests"], timeout_s=2),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
