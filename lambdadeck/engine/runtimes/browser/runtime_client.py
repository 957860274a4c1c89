"""The Runtime API inside a web page: what Amazon's client asks over HTTP elsewhere.

`begin` sets the scheduler before the client is used.
"""

MYPY = False
if MYPY:
    from typing import Any

DEADLINE = "Lambda-Runtime-Deadline-Ms"  # the only header that Amazon's client takes as a number
scheduler: "Any" = None


def initialize_client(user_agent: "str") -> "None":
    """Do nothing: there is no connection to open."""


def next() -> "tuple[bytes, dict[str, Any]]":  # noqa: A001  # the name that Amazon's client calls
    """Wait for the next event; the environment is frozen until it comes."""
    page = scheduler.page
    page.say("next")
    page.freeze()
    event = scheduler.wait(page.next())
    headers = event.headers.to_py()
    return event.body.to_bytes(), {**headers, DEADLINE: int(headers[DEADLINE])}


def post_invocation_result(
    invoke_id: "str", result: "bytes", content_type: "str", invocation_id: "Any" = None
) -> "None":
    """Answer an invocation."""
    scheduler.page.say("response", result.decode("utf-8", "surrogatepass"))


def post_error(
    invoke_id: "str", error: "str", xray_fault: "str", invocation_id: "Any" = None
) -> "None":
    """Report that the handler raised an exception."""
    scheduler.page.say("error", error)
