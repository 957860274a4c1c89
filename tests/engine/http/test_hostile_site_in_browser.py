"""A hostile web page in the presenter's own browser: it reaches neither engine nor Jupyter.

The page asks in every way that a browser offers, from another origin and by DNS rebinding. It runs
under scripts/test --full only, because it starts browsers of its own.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from playwright.sync_api import sync_playwright

from tests.support import firefox, machine
from tests.support.presenting import Presenting

# Resolves to 127.0.0.1 in the test's browser, as a rebinding name server would make it.
ATTACKER = "rebound.example"
# Every way to make a browser ask; each entry says what it could read, "" if nothing.
ATTACK = """async ({targets, ws}) => {
  const out = {};
  const wait = ms => new Promise(done => setTimeout(done, ms));
  const limit = one => Promise.race([one, wait(4000).then(() => "")]);
  const event = (node, attribute, url) => limit(new Promise(done => {
    node.onload = () => done(`${node.localName} loaded`);
    node.onerror = () => done("");
    node[attribute] = url; document.body.append(node); }));
  const read = (url, how) => limit(fetch(url, how).then(async answer =>
    answer.type === "opaque" ? "" : `${answer.status} ${(await answer.text()).slice(0, 60)}`,
    () => ""));
  for (const url of targets) {
    const types = ["text/plain", "application/x-www-form-urlencoded", "application/json"];
    for (const mode of ["cors", "no-cors", "same-origin"]) {
      out[`${mode} ${url}`] = await read(url, {mode, credentials: "include"});
      for (const type of types)
        out[`${mode} POST ${type} ${url}`] = await read(url, {mode, credentials: "include",
          method: "POST", body: "Action=ListQueues", headers: {"Content-Type": type}});
    }
    out[`DELETE ${url}`] = await read(url, {method: "DELETE", credentials: "include"});
    out[`img ${url}`] = await event(new Image(), "src", url);
    out[`script ${url}`] = await event(document.createElement("script"), "src", url);
    const sheet = document.createElement("link"); sheet.rel = "stylesheet";
    out[`link ${url}`] = await event(sheet, "href", url);
    const frame = document.createElement("iframe"); frame.name = "f" + Math.random();
    document.body.append(frame);
    const form = document.createElement("form");
    form.action = url; form.method = "POST"; form.target = frame.name; form.enctype = "text/plain";
    document.body.append(form); form.submit(); await wait(200);
    let inside = ""; try { inside = frame.contentDocument.body.innerText; } catch {}
    out[`form ${url}`] = inside;
    navigator.sendBeacon(url, "x");
  }
  for (const url of ws) out[`ws ${url}`] = await limit(new Promise(done => {
    const socket = new WebSocket(url);
    socket.onopen = () => done("opened"); socket.onerror = () => done(""); }));
  return out; }"""


@contextmanager
def site() -> Iterator[int]:
    """Serve an empty page on a port of its own."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>free stickers</title><body>")

        def log_message(self, *_: object) -> None:
            """Keep standard error for the test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def rebound(pytestconfig: pytest.Config):
    """Start a Chromium in which ATTACKER is this machine."""
    if not pytestconfig.getoption("--full"):
        pytest.skip("a hostile site in a browser is tried under scripts/test --full")
    path = machine.chromium()
    if path is None:
        pytest.skip(machine.advice([need for need in machine.NEEDS if "chromium" in need.package]))
    flags = [f"--host-resolver-rules=MAP {ATTACKER} 127.0.0.1"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


def queues_of(deck):
    """Return a client for SQS in the talk's cloud, and the cloud's address."""
    given = deck.named("jupyter_server")[0].environ()
    client = boto3.client(
        "sqs",
        endpoint_url=given["AWS_ENDPOINT_URL"],
        region_name=given["AWS_DEFAULT_REGION"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )
    return client, given["AWS_ENDPOINT_URL"]


@contextmanager
def queue_of(deck: Presenting) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Make a queue, which has to survive; yield the engine's address and what to attack."""
    queues, endpoint = queues_of(deck)
    name = f"hostile-site-{os.getpid()}"
    queue = queues.create_queue(QueueName=name)["QueueUrl"]
    engine, port = urlsplit(endpoint).port, urlsplit(deck.url_said).port
    hosts = ("127.0.0.1", "localhost", ATTACKER, f"x.{ATTACKER}.localhost")
    paths = {
        engine: ("/", "/_ministack/reset", "/2015-03-31/functions/", urlsplit(queue).path),
        port: ("/api/contents", "/api/kernels", "/api/shutdown", "/files/README.md"),
    }
    targets = [f"http://{host}:{at}{path}" for at in paths for host in hosts for path in paths[at]]
    sockets = [f"ws://{host}:{port}/api/kernels/x/channels" for host in hosts]
    yield endpoint, {"targets": targets, "ws": sockets}
    assert queues.get_queue_url(QueueName=name)["QueueUrl"] == queue
    queues.delete_queue(QueueUrl=queue)


def attacked(
    visit: Callable[[str], object],
    attack: Callable[[dict[str, list[str]]], dict[str, str]],
    given: dict[str, list[str]],
) -> dict[str, str]:
    """Attack from a foreign port and a foreign name; return what could be read or opened.

    `visit` opens an origin in the presenter's browser, `attack` returns what ATTACK returns there.
    """
    got = {}
    with site() as at:
        for origin in (f"http://127.0.0.1:{at}", f"http://{ATTACKER}:{at}"):
            visit(origin)
            control = attack({"targets": [origin], "ws": []})
            assert control[f"cors {origin}"].startswith("200 ")  # the attack itself works
            for kind, addresses in given.items():
                for address in addresses:  # one at a time: a question to a browser has its limit
                    said = attack({"targets": [], "ws": [], kind: [address]})
                    got |= {f"{origin}: {key}": text for key, text in said.items()}
    return {key: text for key, text in got.items() if text}


def test_a_hostile_site_reads_nothing_changes_nothing_and_opens_no_socket(
    rebound, request: pytest.FixtureRequest
) -> None:
    deck: Presenting = request.getfixturevalue("deck")  # only now: it takes seconds to start
    context = rebound.new_context()
    own = context.new_page()  # the presenter's tab: logged in
    own.goto(deck.url_said.replace("/notebooks/notebooks/aws-lambda.ipynb", "/tree"))
    assert [one["name"] for one in context.cookies() if one["name"].startswith("username-")]
    page = context.new_page()

    with queue_of(deck) as (endpoint, given):
        assert attacked(page.goto, lambda given: dict(page.evaluate(ATTACK, given)), given) == {}
        for port in (urlsplit(endpoint).port, urlsplit(deck.url_said).port):
            answer = page.goto(f"http://{ATTACKER}:{port}/api/contents")  # now the same origin
            assert answer is not None and answer.status in (403, 404)
    context.close()


def test_a_hostile_site_reads_nothing_changes_nothing_and_opens_no_socket_in_firefox(
    pytestconfig: pytest.Config, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if not pytestconfig.getoption("--full") or not firefox.path():
        pytest.skip("needs scripts/test --full, and firefox-esr or firefox")
    deck: Presenting = request.getfixturevalue("deck")
    with firefox.tab(tmp_path / "profile", ATTACKER) as tab, queue_of(deck) as (endpoint, given):
        tab.open(deck.url_said.replace("/notebooks/notebooks/aws-lambda.ipynb", "/tree"))
        assert [name for name in tab.cookies() if name.startswith("username-")]

        def attack(given: dict[str, list[str]]) -> dict[str, str]:
            return dict(tab.evaluate(f"({ATTACK})({json.dumps(given)})"))

        assert attacked(tab.open, attack, given) == {}
        for port in (urlsplit(endpoint).port, urlsplit(deck.url_said).port):
            address = f"http://{ATTACKER}:{port}/api/contents"  # now the same origin
            assert tab.status(address) in (403, 404)
