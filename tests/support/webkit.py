"""WebKit, the engine of Safari, driven by the W3C's WebDriver in Debian's MiniBrowser.

https://www.w3.org/TR/webdriver2/
"""

import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lambdadeck.stage import present
from tests.support.firefox import KEYS
from tests.support.lambdas import wait_until

PACKAGES = "webkit2gtk-driver xvfb"
DRIVER, SCREEN = "WebKitWebDriver", "Xvfb"
PLACES = ("/usr/lib", "/usr/libexec")


def browser() -> str | None:
    """Return the path of MiniBrowser; None if it, its driver, or a virtual screen is missing."""
    if not (shutil.which(DRIVER) and shutil.which(SCREEN)):
        return None
    found = (path for place in PLACES for path in Path(place).glob("*/webkit2gtk-4.*/MiniBrowser"))
    return next(map(str, found), None)


class Tab:
    """One page of WebKit."""

    def __init__(self, address: str, program: str) -> None:
        self._address = address
        options = {"binary": program, "args": ["--automation"]}
        asked = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        self._session = f"session/{self._call('POST', 'session', asked)['sessionId']}"

    def _call(self, method: str, path: str, body: object = None) -> Any:
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(f"{self._address}/{path}", data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()) from error

    def open(self, url: str) -> None:
        """Load a page."""
        self._call("POST", f"{self._session}/url", {"url": url})

    def resize(self, width: int, height: int) -> None:
        """Give the window a size; the page gets what its frame leaves."""
        size = {"width": width, "height": height}
        self._call("POST", f"{self._session}/window/rect", size)

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression, or of its promise, as JSON.

        AssertionError has the words of an error: the driver would wait for a value instead.
        """
        told = "(value) => done([value]), (error) => done([null, `${error}`])"
        script = f"const done = arguments[0]; (async () => {expression})().then({told})"
        given = {"script": script, "args": []}
        value, *error = self._call("POST", f"{self._session}/execute/async", given)
        assert not error, error
        return value

    def until(self, expression: str) -> None:
        """Wait until an expression is true in the page."""
        wait_until(lambda: self.evaluate(expression))

    def press(self, *keys: str) -> None:
        """Press keys one after another, such as "b" or "Space"."""
        pressed = [KEYS.get(key, key) for key in keys]
        strokes = [{"type": kind, "value": key} for key in pressed for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": strokes}]
        self._call("POST", f"{self._session}/actions", {"actions": actions})

    def reads(self, selector: str, role: str, name: str) -> bool:
        """Return whether the accessibility tree has the element in this role and name."""
        where = {"using": "css selector", "value": selector}
        (element,) = self._call("POST", f"{self._session}/element", where).values()
        parts = ("computedrole", "computedlabel")
        said = [self._call("GET", f"{self._session}/element/{element}/{part}") for part in parts]
        return said == [role, name]

    def close(self) -> None:
        """End the browser."""
        self._call("DELETE", self._session)


@contextmanager
def tab(folder: Path) -> Iterator[Tab]:
    """Start WebKit on a screen of its own with `folder` as its home, and yield its page."""
    program = browser()
    assert program
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    read_end, write_end = os.pipe()
    screen = [SCREEN, "-displayfd", str(write_end), "-screen", "0", "1600x1200x24"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(screen, pass_fds=[write_end], **quiet) as x11, open(read_end) as said:
        os.close(write_end)
        own = {"DISPLAY": f":{said.readline().strip()}", "HOME": str(folder)}
        if os.geteuid() == 0:  # its sandbox refuses root, which is what containers are
            own["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"
        command = [DRIVER, f"--port={port}"]
        with subprocess.Popen(command, env=os.environ | own, **quiet) as driver:
            try:
                address = f"http://127.0.0.1:{port}"
                wait_until(lambda: present.answers(f"{address}/status"))
                opened = Tab(address, program)
                yield opened
                opened.close()
            finally:
                driver.terminate()
                x11.terminate()
