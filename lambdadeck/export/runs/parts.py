"""What makes a page run, as parts of its template."""

import base64
import gzip
import json
from functools import cache

from markupsafe import Markup

from lambdadeck.export.page import DECK_ASSETS, data_block, script, style
from lambdadeck.export.runs import archives, pyodide

SCRIPTS = ("runs/engine.js", "runs/cells.js")
STYLES = ("runs/runs.css",)
BYTES = "application/octet-stream"
_HERE = '"https://in-page.invalid/pyodide.asm.mjs"'  # Pyodide's name for itself: nobody asks it
# Imported into the memory that is kept: what Amazon's client and most functions import.
PREPARE = """
import sys
sys.path.insert(0, "/var/runtime")
import datetime, decimal, http, json, logging, os, pathlib, random, tempfile, threading, time
import traceback, uuid
import awslambdaric.lambda_context, awslambdaric.lambda_literals
import awslambdaric.lambda_runtime_client, awslambdaric.lambda_runtime_log_utils
import green_threads, start
"""
START = """
import os, sys
sys.path.insert(0, "/deck")
os.environ["LAMBDADECK_STATE"] = "/state"
from js import page
from pyodide.ffi import create_proxy, run_sync
from lambdadeck.export.runs import kernel
shell = kernel.start(page, run_sync, create_proxy, given)
"""
RUNTIME_START = """
import start
from js import page
from pyodide.ffi import create_proxy, run_sync
start.begin(given["variables"], given["paths"], (page, run_sync, create_proxy))
"""


@cache
def blocks() -> list[tuple[str, str, Markup]]:
    """Return the page's data: kind, id and content of each <script> that no browser runs."""
    package = pyodide.fetched()
    taken = pyodide.contents(package)
    packed = {
        "code": _code(taken),
        "wasm": taken["pyodide.asm.wasm"],
        "stdlib": pyodide.library(package),
        "runtime": archives.runtime(),
        "site": archives.site(),
    }
    texts = {
        "prepare": PREPARE,
        "start": START,
        "runtime-start": RUNTIME_START,
        "licenses": archives.licenses().replace("</script", "<\\/script").replace("<!--", "<! --"),
    }
    return [
        *((BYTES, name, Markup(_packed(data))) for name, data in packed.items()),
        *(("text/plain", name, Markup(text)) for name, text in texts.items()),
        ("application/json", "lock", Markup(data_block(_lock(taken)))),
    ]


def _lock(taken: dict[str, bytes]) -> dict[str, object]:
    """Return Pyodide's lock without its packages, which a page cannot fetch."""
    return {**json.loads(taken["pyodide-lock.json"]), "packages": {}}


def scripts() -> str:
    """Return the scripts of a page that runs, after those of every page."""
    return script(SCRIPTS)


def styles() -> str:
    return style(STYLES)


def _code(taken: dict[str, bytes]) -> bytes:
    """Return the one script of all workers: Pyodide, its loader's other half, and ours."""
    half = taken["pyodide.asm.mjs"].decode().replace("import.meta.url", _HERE)
    exported = "export default _createPyodideModule;"
    half = half.replace(exported, "self._createPyodideModule = _createPyodideModule;")
    loader = taken["pyodide.js"].decode().replace("//# sourceMappingURL=pyodide.js.map", "")
    own = (DECK_ASSETS / "runs" / "worker.js").read_text(encoding="utf-8")
    return "\n".join([loader, half, own]).encode()


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")
