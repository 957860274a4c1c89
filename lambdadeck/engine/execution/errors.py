"""Payloads with which AWS Lambda reports that a function failed, as recorded from AWS."""

import json
import signal

RESPONSE_LIMIT = 6_291_556  # bytes; the number that AWS's own error message names
REQUEST_LIMIT = 6 * 1024 * 1024
ASYNC_REQUEST_LIMIT = 1024 * 1024  # 1 MB since 2025
STREAM_LIMIT = 200 * 1024 * 1024  # Lambda developer guide, "Response streaming", read 2026-11-27

# Go's names of signals: Lambda's supervisor is written in Go and prints them.
_SIGNALS: dict[int, str] = {
    signal.SIGKILL: "killed",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGABRT: "aborted",
    signal.SIGTERM: "terminated",
    signal.SIGINT: "interrupt",
    signal.SIGHUP: "hangup",
    signal.SIGQUIT: "quit",
    signal.SIGILL: "illegal instruction",
    signal.SIGFPE: "floating point exception",
    signal.SIGBUS: "bus error",
    signal.SIGTRAP: "trace/breakpoint trap",
    signal.SIGPIPE: "broken pipe",
    signal.SIGALRM: "alarm clock",
}


def _payload(error_type: str, message: str) -> bytes:
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def exit_reason(returncode: int) -> str:
    """Return how a runtime ended; `returncode` is negative for a signal, as in `subprocess`."""
    if returncode == 0:
        return "Runtime exited without providing a reason"
    if returncode > 0:
        return f"Runtime exited with error: exit status {returncode}"
    name = _SIGNALS.get(-returncode, f"signal {-returncode}")
    return f"Runtime exited with error: signal: {name}"


def exited(request_id: str, returncode: int) -> bytes:
    """Return the payload if the runtime's process ended before it answered."""
    message = f"RequestId: {request_id} Error: {exit_reason(returncode)}"
    return _payload("Runtime.ExitError", message)


def timed_out(request_id: str, timeout_s: float) -> bytes:
    """Return the payload if the function's timeout passed."""
    message = f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds"
    return _payload("Sandbox.Timedout", message)


def response_too_large(limit: int = RESPONSE_LIMIT) -> bytes:
    """Return the payload if the response was over the limit."""
    text = f"Response payload size exceeded maximum allowed payload size ({limit} bytes)."
    return _payload("Function.ResponseSizeTooLarge", text)


def truncated() -> bytes:
    """Return the payload if a runtime hung up before it ended its stream."""
    return _payload("Runtime.TruncatedResponse", "The runtime ended its response too early.")


def cannot_start(message: str) -> bytes:
    """Return the payload if no process could be started; `message` says what to do."""
    return _payload("Runtime.InvalidEntrypoint", message)
