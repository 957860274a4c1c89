"""Firefox without a window, driven by WebDriver BiDi, the W3C's protocol, over one WebSocket.

https://www.w3.org/TR/webdriver-bidi/
"""

import base64
import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import websocket  # of Jupyter's server

from tests.support.lambdas import wait_until

# A proxy that does not answer: nothing leaves this machine, not even what Firefox asks for itself.
OFFLINE = (
    ("network.proxy.type", 1),
    *((f"network.proxy.{kind}", "127.0.0.1") for kind in ("http", "ssl")),
    *((f"network.proxy.{kind}_port", 9) for kind in ("http", "ssl")),
)
# What would ask the user first, or refuse for the page's sake: what is tested is the other side.
ASKING = (("security.warn_submit_secure_to_insecure", False), ("network.lna.enabled", False))
# A screen that is touched, as a phone's: without it a finger would make the events of a mouse.
TOUCHED = (("dom.w3c_touch_events.enabled", 1), ("ui.primaryPointerCapabilities", 1))
NAMES = ("firefox-esr", "firefox")
Point = tuple[float, float]
# https://www.w3.org/TR/webdriver2/#keyboard-actions
KEYS = {
    "Shift": "\ue008",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Space": " ",
    "PageUp": "\ue00e",
    "PageDown": "\ue00f",
    "End": "\ue010",
    "Home": "\ue011",
    "ArrowLeft": "\ue012",
    "ArrowRight": "\ue014",
}


def path() -> str | None:
    """Return the path of Firefox, None if it is missing."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Tab:
    """One page of Firefox; keeps its requests and what its console said."""

    KEPT = ("network.beforeRequestSent", "log.entryAdded")
    ANSWERED = "network.responseCompleted"

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket, self._ids = socket, itertools.count(1)
        self.requests: list[str] = []
        self.said: list[str] = []
        self.errors: list[str] = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=[*self.KEPT, self.ANSWERED])
        (self._context,) = self.windows()

    def call(self, method: str, **params: Any) -> Any:
        """Return the result of a command; keep the events that come before it."""
        number = next(self._ids)
        self._send(number, method, params)
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]
            self._keep(message)

    def _send(self, number: int, method: str, params: dict[str, Any]) -> None:
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))

    def _keep(self, event: dict[str, Any]) -> None:
        if event.get("method") == "network.beforeRequestSent":
            self.requests.append(event["params"]["request"]["url"])
        elif event.get("method") == "log.entryAdded":
            self.said.append(str(event["params"]["text"]))
            if event["params"]["level"] == "error":
                self.errors.append(self.said[-1])

    def open(self, url: str) -> None:
        """Load a page, and forget what earlier ones asked and said."""
        self.requests.clear()
        self.said.clear()
        self.errors.clear()
        self.call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def reload(self) -> None:
        """Load the page again."""
        self.call("browsingContext.reload", context=self._context, wait="complete")

    def windows(self) -> list[str]:
        """Return the ids of all open windows, the oldest first."""
        tree = self.call("browsingContext.getTree")
        return [one["context"] for one in tree["contexts"]]

    def switch(self, window: str) -> None:
        """Let keys and expressions go to this window."""
        self._context = window

    def resize(self, width: int, height: int) -> None:
        """Give the page a size."""
        size = {"width": width, "height": height}
        self.call("browsingContext.setViewport", context=self._context, viewport=size)

    def printed(self) -> bytes:
        """Return the page as the browser prints it, a PDF."""
        return base64.b64decode(self.call("browsingContext.print", context=self._context)["data"])

    def press(self, *keys: str) -> None:
        """Press keys one after another, such as "b", "Space" or "Shift+Enter"."""
        strokes = []
        for key in keys:
            held = [KEYS.get(part, part) for part in key.split("+")]
            strokes += [{"type": "keyDown", "value": part} for part in held]
            strokes += [{"type": "keyUp", "value": part} for part in reversed(held)]
        keyboard = {"type": "key", "id": "keyboard", "actions": strokes}
        self.call("input.performActions", context=self._context, actions=[keyboard])

    def touch(self, first: Point, *others: Point) -> None:
        """Put a finger on the screen, move it over the other points, and lift it."""
        moves = [
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 20}
            for x, y in (first, *others)
        ]
        down, up = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
        finger = {
            "type": "pointer",
            "id": "finger",
            "parameters": {"pointerType": "touch"},
            "actions": [moves[0] | {"duration": 0}, down, *moves[1:], up],
        }
        self.call("input.performActions", context=self._context, actions=[finger])

    def reads(self, selector: str, role: str, name: str) -> bool:
        """Return whether the accessibility tree has such an element in the first part."""
        root = self._located({"type": "css", "value": selector.split()[0]})
        wanted = {"type": "accessibility", "value": {"role": role, "name": name}}
        start = [{"sharedId": node["sharedId"]} for node in root]
        return bool(self._located(wanted, startNodes=start, maxNodeCount=1))

    def _located(self, locator: dict[str, Any], **where: Any) -> list[dict[str, Any]]:
        asked = {"context": self._context, "locator": locator, **where}
        return list(self.call("browsingContext.locateNodes", **asked)["nodes"])

    def until(self, expression: str) -> None:
        """Wait until an expression is true in the page, also if another takes its place."""
        wait_until(lambda: bool(self.evaluate(expression)), timeout_s=300)

    def status(self, url: str) -> int:
        """Return the status that a page answers with, also one that Firefox does not show."""
        number = next(self._ids)
        given = {"context": self._context, "url": url, "wait": "none"}
        self._send(number, "browsingContext.navigate", given)
        while True:
            message = json.loads(self._socket.recv())
            if message.get("method") == self.ANSWERED:
                answer = message["params"]["response"]
                if answer["url"] == url:
                    return int(answer["status"])

    def cookies(self) -> list[str]:
        """Return the names of all cookies that this Firefox keeps."""
        return [one["name"] for one in self.call("storage.getCookies")["cookies"]]

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression, or of its promise, as JSON."""
        found = self.call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify(await ({expression})))()",
            target={"context": self._context},
            awaitPromise=True,
        )
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"]) if "value" in found["result"] else None


@contextmanager
def tab(folder: Path, local: str = "", more: tuple[tuple[str, object], ...] = ()) -> Iterator[Tab]:
    """Start Firefox offline with a profile of its own in `folder`, and yield its page.

    `local` is a host name that resolves to this machine, as a rebinding name server would make it.
    """
    program = path()
    assert program
    folder.mkdir()
    names = (("network.dns.localDomains", local), ("network.proxy.no_proxies_on", local))
    preferences = (*OFFLINE, *ASKING, *(names if local else ()), *more)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences]
    (folder / "user.js").write_text("\n".join(lines))
    command = [program, "--headless", "--no-remote", "--profile", str(folder)]
    with subprocess.Popen(
        [*command, "--remote-debugging-port=0"], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr
            said = next(line for line in process.stderr if "WebDriver BiDi listening on" in line)
            found = re.search(r"ws://\S+", said)
            assert found
            socket = websocket.create_connection(
                f"{found[0]}/session",
                timeout=300,
                suppress_origin=True,
                skip_utf8_validation=True,  # a loop in Python; json.loads checks it again
            )
            with closing(socket):
                yield Tab(socket)
        finally:
            process.terminate()
