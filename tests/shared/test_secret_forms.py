"""Sixty forms in which a secret may stand, through outputs, recordings and pages: which get out.

A kernel's live messages pass the same rules: tests/shared/test_redaction.py has their channels.
"""

import base64
import codecs
import gzip
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lambdadeck.export.exporter import DeckExporter
from lambdadeck.notebook.errors import NotebookError
from lambdadeck.shared.known_secrets import SecretLeakError
from lambdadeck.stage.talk import Talk

VALUE = 'Pa55w0rd-with&odd<chars>%d"=é/+x'
RAW = VALUE.encode()
HALF = len(VALUE) // 2
SVG = "<svg xmlns='http://www.w3.org/2000/svg'><text>{}</text></svg>"
RED, PLAIN = "\x1b[31m", "\x1b[0m"

# A secret of the environment: the text that shows it.
KNOWN = {
    "as it is": VALUE,
    "in a sentence": f"the key is {VALUE}.",
    "repr": repr(VALUE),
    "repr of a dict": repr({"k": VALUE}),
    "repr of bytes": repr(RAW),
    "JSON": json.dumps({"k": VALUE}),
    "JSON without ASCII": json.dumps({"k": VALUE}, ensure_ascii=False),
    "JSON in JSON": json.dumps(json.dumps({"k": VALUE})),
    "as a variable": f"export SERVICE_API_KEY={VALUE}",
    "as a YAML value": f"key: '{VALUE}'",
    "in a query": f"https://x.example/?k={quote(VALUE, safe='')}&b=1",
    "in a query, small hex": "?k=" + re.sub("%..", lambda x: x[0].lower(), quote(VALUE, safe="")),
    "in a form": f"k={quote_plus(VALUE)}&b=1",
    "in a path": f"https://x.example/{quote(VALUE)}",
    "in a query of a query": f"?u={quote('?k=' + quote(VALUE, safe=''), safe='')}",
    "as a password": f"https://me:{quote(VALUE, safe='')}@x.example/",
    "in markup": f"<b>{html.escape(VALUE)}</b>",
    "in an attribute": f'<b title="{html.escape(VALUE)}">x</b>',
    "in markup as numbers": "".join(f"&#{ord(letter)};" for letter in VALUE),
    "in markup as hex": "".join(f"&#x{ord(letter):x};" for letter in VALUE),
    "cut by markup": f"{html.escape(VALUE[:HALF])}<wbr><b>{html.escape(VALUE[HALF:])}</b>",
    "cut by a comment": f"{html.escape(VALUE[:HALF])}<!-- -->{html.escape(VALUE[HALF:])}",
    "in a picture's text": SVG.format(html.escape(VALUE)),
    "cut in a picture": SVG.format(
        f"{html.escape(VALUE[:9])}<tspan>{html.escape(VALUE[9:])}</tspan>"
    ),
    "colored": f"{RED}{VALUE}{PLAIN}",
    "cut by a color": f"{RED}{VALUE[:HALF]}{PLAIN}{RED}{VALUE[HALF:]}{PLAIN}",
    "cut by invisible characters": "\u200b".join(VALUE),
    "hex": RAW.hex(),
    "HEX": RAW.hex().upper(),
    "base64": base64.b64encode(RAW).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(RAW).decode(),
    "basic authorization": "Basic " + base64.b64encode(b"me:" + RAW).decode(),
    "base64, one letter later": base64.b64encode(b"x" + RAW + b"xy").decode(),
    "base64 of JSON": base64.b64encode(b'{"k":1}' + RAW).decode(),
}
# Secrets that only their form gives away: the text, and what must not be left of it. Put together
# here, so that no file holds one whole.
LONG = "aB3d" * 10
FORMED = {
    "access key": ("AKIA" + "ABCD2345" * 2, "ABCD2345"),
    "secret key": (LONG, LONG),
    "secret key by name": (f"aws_secret_access_key = {LONG[:30]}", LONG[:30]),
    "session token": ("IQoJb3JpZ2luX2Vj" + LONG, LONG),
    "signature": (f"?X-Amz-Signature={'ab12' * 16}", "ab12ab12"),
    "JSON web token": (".".join(["eyJ" + "ab12" * 4] * 2 + ["c3" * 8]), "c3c3c3c3"),
    "bearer": (f"Authorization: Bearer {LONG[:20]}", LONG[:20]),
    "GitHub": ("ghp_" + "a1B2" * 9, "a1B2a1B2"),
    "npm": ("npm_" + "a1B2" * 9, "a1B2a1B2"),
    "PyPI": ("pypi-" + "AgEI" * 15, "AgEIAgEI"),
    "Slack": ("xoxb-" + "123456-" * 4 + "abc", "123456-123456"),
    "any API key": ("OTHER_API_KEY=abc12345", "abc12345"),
    "any password": ('{"password": "hunter2!x"}', "hunter2!x"),
    "password of a database": ("postgres://me:hunter2@db.example/x", "hunter2"),
    "registry": ("//registry.example/:_authToken=abcdef0123", "abcdef0123"),
    "private key": ("-----BEGIN " + "PRIVATE KEY-----\nMIIabc0123", "MIIabc0123"),
}
# These get out: no scan can undo all that a program can do with a text that it has.
PASSES = {
    "backwards": (VALUE[::-1], "no program writes this by accident"),
    "rot13": (codecs.encode(VALUE, "rot13"), "no program writes this by accident"),
    "in capitals": (VALUE.upper(), "it is not the secret: case counts"),
    "a half": (VALUE[:HALF], "half of a secret opens nothing, and could be any word"),
    "letter by letter": (str(list(VALUE)), "a program that takes it apart can always show it"),
    "base85": (base64.b85encode(RAW).decode(), "no log or protocol writes secrets in it"),
    "base32": (base64.b32encode(RAW).decode(), "no log or protocol writes secrets in it"),
    "base64 twice": (
        base64.b64encode(base64.b64encode(RAW)).decode(),
        "only a program that wraps a header again does this",
    ),
    "compressed": (base64.b64encode(gzip.compress(RAW, mtime=0)).decode(), "it cannot be searched"),
    "a short word": ("secret: x7", "under eight characters it could be any word"),
}


def outputs_with(text):
    """Return the text as output of each kind that a page shows."""
    return {
        "stream": new_output("stream", name="stdout", text=text),
        "error": new_output("error", ename="E", evalue=text, traceback=["E", text]),
        "plain": new_output("execute_result", {"text/plain": text}),
        "html": new_output("display_data", {"text/html": f"<p>{text}</p>"}),
    }


def recorded(output):
    """Return what a talk keeps of an output, or "refused"."""
    talk = Talk()
    try:
        talk.change({"ran": {"id": "c", "source": "", "outputs": [output]}})
    except SecretLeakError as error:
        return str(error).partition("cell 'c' holds")[0]  # the sentence names the cell
    return talk.outputs["c"]["html"]


def exported(output):
    cell = new_code_cell("1", id="c", outputs=[output], metadata={"tags": ["raises-exception"]})
    notebook = new_notebook(cells=[new_markdown_cell("# T"), cell])
    try:
        page = DeckExporter().from_notebook_node(notebook, {"metadata": {"path": "notebooks"}})[0]
    except NotebookError as error:
        return str(error).partition("Cell 'c' holds")[0]
    return page.partition("<body>")[2]


CHANNELS = {"recording": recorded, "page": exported}


@pytest.fixture(autouse=True)
def _secret(monkeypatch):
    monkeypatch.setenv("SERVICE_API_KEY", VALUE)


def seen(text, needle):
    """Return the channels, as "output in channel", that let the needle out, in any form."""
    found = []
    for channel, show in CHANNELS.items():
        for kind, output in outputs_with(text).items():
            if show is exported and kind in ("stream", "plain"):
                continue  # a page shows both as it shows an error
            shown = show(NotebookNode(output))
            if needle in shown or needle in html.unescape(shown):
                found.append(f"{kind} in {channel}")
    return found


def test_sixty_forms_of_a_secret_get_neither_into_a_recording_nor_into_a_page():
    assert len(KNOWN) + len(FORMED) + len(PASSES) == 60
    forms = {name: (text, text) for name, text in KNOWN.items()} | FORMED
    escaped = {name: out for name, form in forms.items() if (out := seen(*form))}
    assert not escaped


def test_what_passes_is_known_and_has_a_reason():
    kept = {name: seen(text, text) for name, (text, reason) in PASSES.items() if reason}
    assert kept.keys() == PASSES.keys() and all(kept.values()), kept
