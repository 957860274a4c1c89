"""A page that calls a function URL across origins, in a browser: allowed and refused."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.lambdas import Lambdas, open_to_all

# What a page reads of a URL: nothing if the browser refuses it.
READ = """async ([url, how]) => {
  try {
    const answer = await fetch(url, how);
    return [answer.status, answer.headers.get("x-a"), await answer.text()];
  } catch { return []; }
}"""
SOURCE = """
    def handler(event, context):
        return {"statusCode": 201, "headers": {"x-a": "b", "x-hidden": "c"}, "body": "read"}
"""
ELSEWHERE = "http://localhost:1"
CORS = {"AllowMethods": ["PUT"], "AllowHeaders": ["x-mine"], "ExposeHeaders": ["x-a"]}


class Page(BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def origin() -> Iterator[str]:
    """Serve a page from an origin of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_page_reads_a_function_url_that_names_its_origin_and_no_other(chromium, lambdas, origin):
    urls = {
        named: url(lambdas, [named] if named else None) for named in (origin, "*", "", ELSEWHERE)
    }
    page = chromium.new_page()
    page.goto(origin)
    plain, asked = {}, {"method": "PUT", "headers": {"x-mine": "1"}}  # the second asks first
    for named in (origin, "*"):
        for how in (plain, asked):
            assert page.evaluate(READ, [urls[named], how]) == [201, "b", "read"], (named, how)
        for how in ({"method": "DELETE"}, {"headers": {"x-other": "1"}}):
            assert page.evaluate(READ, [urls[named], how]) == [], (named, how)
    for named in ("", ELSEWHERE):
        for how in (plain, asked):
            assert page.evaluate(READ, [urls[named], how]) == [], (named, how)
    page.close()


def url(lambdas: Lambdas, origins: list[str] | None) -> str:
    """Return a URL whose CORS configuration names these origins; None: there is none."""
    name = lambdas.make(SOURCE)
    cors = {"Cors": {**CORS, "AllowOrigins": origins}} if origins else {}
    made = lambdas.client.create_function_url_config(FunctionName=name, AuthType="NONE", **cors)
    open_to_all(lambdas.client, name)
    found: str = made["FunctionUrl"]
    return found
