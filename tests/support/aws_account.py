"""An engine that plays AWS: another account, its own keys; and a recorder in front of it."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from lambdadeck import engine
from lambdadeck.engine import Engine

ACCOUNT = "210987654321"  # not one of the examples that may be shown whole
Answer = tuple[int, dict[str, str], bytes]
_ERROR = (
    b"<ErrorResponse><Error><Code>InvalidClientTokenId</Code>"
    b"<Message>Nobody is known here.</Message></Error></ErrorResponse>"
)
STRANGER: Answer = (403, {"content-type": "text/xml"}, _ERROR)


@dataclass(frozen=True)
class AwsAccount:
    """An account as its user has it: a profile in a home folder, or variables."""

    engine: Engine
    home: Path

    def profile(
        self, name: str = "talk", endpoint: str | None = None, region: str | None = "eu-west-1"
    ) -> dict[str, str]:
        """Write the profile to a home folder; return its environment, without AWS_PROFILE."""
        folder = self.home / ".aws"
        folder.mkdir(exist_ok=True)
        deck = self.engine.settings.deck
        (folder / "credentials").write_text(
            f"[{name}]\naws_access_key_id = {deck.access_key}\n"
            f"aws_secret_access_key = {deck.secret_key}\n"
        )
        stated = f"region = {region}\n" if region else ""
        (folder / "config").write_text(
            f"[profile {name}]\nendpoint_url = {endpoint or self.engine.endpoint}\n{stated}"
        )
        return {
            "HOME": str(self.home),
            "LAMBDADECK_STATE": str(self.home / "state"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def variables(self, endpoint: str | None = None) -> dict[str, str]:
        """Return the account as environment variables."""
        deck = self.engine.settings.deck
        return {
            "AWS_ENDPOINT_URL": endpoint or self.engine.endpoint,
            "AWS_ACCESS_KEY_ID": deck.access_key,
            "AWS_SECRET_ACCESS_KEY": deck.secret_key,
            "AWS_DEFAULT_REGION": self.engine.settings.region,
            "LAMBDADECK_CLOUD": "aws",
            "LAMBDADECK_STATE": str(self.home / "state"),
            "HOME": str(self.home),
        }


@contextmanager
def aws_account(home: Path, account: str = ACCOUNT) -> Iterator[AwsAccount]:
    """Such an account for as long as the block runs."""
    started = engine.start(account=account)
    try:
        yield AwsAccount(started, home)
    finally:
        started.stop()


@dataclass
class Recorder:
    """Notes what passes on its way to an endpoint, and answers in its place where `answer` does."""

    endpoint: str
    address: str = ""
    calls: list[str] = field(default_factory=list)
    answer: Callable[[str], Answer | None] = lambda call: None


@contextmanager
def recorder(endpoint: str = "") -> Iterator[Recorder]:
    """Start a recorder in front of an endpoint; without one it answers 403 to everything."""
    made = Recorder(endpoint)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    server.daemon_threads = True
    made.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def operation(method: str, path: str, target: str, body: bytes) -> str:
    """Return the operation that a request names, or its method and path."""
    if target:
        return target.rpartition(".")[2]
    if method == "POST" and (action := parse_qs(body[:4096].decode("latin-1")).get("Action")):
        return action[0]
    return f"{method} {re.sub('[?].*', '', path)}"


def refusal(code: str, message: str, status: int = 400) -> Answer:
    """Return an error as services with a JSON protocol send it."""
    return (
        status,
        {"content-type": "application/json", "x-amzn-errortype": code},
        json.dumps({"message": message}).encode(),
    )


def _handler(recorder: Recorder) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = (
            "HTTP/1.0"  # no connection stays open, to be found unclosed by a later test
        )

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            call = operation(self.command, self.path, self.headers.get("x-amz-target", ""), body)
            recorder.calls.append(call)
            status, headers, content = recorder.answer(call) or self._from_behind(body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _from_behind(self, body: bytes) -> Answer:
            if not recorder.endpoint:
                return STRANGER
            connection = http.client.HTTPConnection(urlsplit(recorder.endpoint).netloc, timeout=60)
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            kept = {
                name: value
                for name, value in answer.getheaders()
                if name.lower() not in ("content-length", "transfer-encoding", "connection")
            }
            return answer.status, kept, content

        def log_message(self, *_: object) -> None:
            """Keep standard error for the test."""

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on  # noqa: N815 (http.server's names)

    return Handler
