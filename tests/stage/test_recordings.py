"""A cell's last good output is kept privately, dated, and shown as static HTML."""

import base64
import datetime as dt
import hashlib
import io
import json
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from lambdadeck.notebook import RUN
from lambdadeck.shared import state as state_module
from lambdadeck.shared.known_secrets import SecretLeakError
from lambdadeck.stage import recorded_html, recordings

WHEN = dt.datetime(2026, 11, 20, 17, 40, 3, 500_000, dt.UTC)


def cell(
    name: str,
    *outputs: NotebookNode,
    source: str = "1 + 1",
    ran: bool = True,
    tags: tuple[str, ...] = (),
) -> NotebookNode:
    times = {
        "iopub.status.busy": f"{WHEN:%Y-%m-%dT%H:%M:%S.%fZ}",
        "shell.execute_reply": f"{WHEN:%Y-%m-%dT%H:%M:%S.%fZ}",
    }
    return new_code_cell(
        source,
        id=name,
        outputs=list(outputs),
        metadata={"execution": times if ran else {}, "tags": list(tags)},
    )


def shows(**data: str) -> NotebookNode:
    return new_output(
        "display_data", {kind.replace("_", "/", 1): text for kind, text in data.items()}
    )


def notebook(*cells: NotebookNode, widgets: dict | None = None) -> NotebookNode:
    metadata = {RUN: {"where": "LOCAL · Linux x86_64"}} | (
        {"widgets": {recorded_html.WIDGETS: {"state": widgets}}} if widgets else {}
    )
    return new_notebook(cells=list(cells), metadata=metadata)


def page_of(*outputs: NotebookNode, state: Path, widgets: dict | None = None) -> str:
    recordings.save(notebook(cell("one", *outputs), widgets=widgets), state=state)
    return recordings.page_data(state=state)["one"]["html"]


def png(side: int = 4) -> str:
    picture = io.BytesIO()
    Image.new("RGB", (side, side), "#0e7490").save(picture, "PNG")
    return base64.b64encode(picture.getvalue()).decode()


class Read(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_a_recording_says_when_and_where_it_was_made_and_of_which_source(tmp_path):
    recordings.save(
        notebook(cell("sum", shows(text_plain="2"), source="1 + 1  # é")), state=tmp_path
    )
    data = recordings.page_data(state=tmp_path)
    assert data["sum"].keys() == {"source_sha256", "when", "where", "html"}
    assert (
        data["sum"]["when"] == "2026-11-20T17:40:03Z"
        and data["sum"]["where"] == "LOCAL · Linux x86_64"
    )
    assert data["sum"]["source_sha256"] == hashlib.sha256("1 + 1  # é".encode()).hexdigest()
    assert ">2</pre>" in data["sum"]["html"]


def test_a_cell_that_fails_keeps_the_recording_from_before(tmp_path):
    recordings.save(
        notebook(cell("one", shows(text_plain="good")), cell("two", shows(text_plain="good"))),
        state=tmp_path,
    )
    failed = new_output("error", ename="KeyError", evalue="'x'", traceback=["KeyError"])
    fresh = recordings.save(
        notebook(cell("one", failed, source="other"), cell("two", shows(text_plain="better"))),
        state=tmp_path,
    )
    assert fresh == ["two"]
    found = recordings.load(state=tmp_path)
    assert found["one"].outputs[0]["data"]["text/plain"] == "good"
    assert found["one"].source_sha256 == recordings.source_sha256("1 + 1")
    assert found["two"].outputs[0]["data"]["text/plain"] == "better"


def test_a_cell_that_did_not_run_is_not_recorded_and_one_that_is_gone_is_forgotten(tmp_path):
    recordings.save(notebook(cell("old", shows(text_plain="1"))), state=tmp_path)
    assert recordings.save(notebook(cell("new", ran=False)), state=tmp_path) == []
    assert recordings.load(state=tmp_path) == {}


def test_an_error_that_the_slide_is_about_is_recorded_as_an_output(tmp_path):
    failed = new_output(
        "error", ename="KeyError", evalue="'x'", traceback=["\x1b[31mKeyError\x1b[0m: <x>"]
    )
    recordings.save(notebook(cell("error", failed, tags=("raises-exception",))), state=tmp_path)
    shown = recordings.page_data(state=tmp_path)["error"]["html"]
    assert "KeyError" in shown and "\x1b" not in shown and "&lt;x&gt;" in shown


def test_the_file_is_its_owners_alone_and_nothing_else_lies_beside_it(tmp_path):
    state = tmp_path / "state"
    recordings.save(notebook(cell("one", shows(text_plain="1"))), state=state)
    (file,) = state.iterdir()
    assert file == recordings.file_of(state=state)
    assert file.stat().st_mode & 0o777 == 0o600 and state.stat().st_mode & 0o777 == 0o700


def test_a_write_that_fails_leaves_what_was_there_and_nothing_half_done(tmp_path, monkeypatch):
    recordings.save(notebook(cell("one", shows(text_plain="good"))), state=tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recordings.files.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        recordings.save(notebook(cell("one", shows(text_plain="lost"))), state=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [recordings.file_of(state=tmp_path).name]
    assert recordings.load(state=tmp_path)["one"].outputs[0]["data"]["text/plain"] == "good"


DAMAGED = ("", "{", "[]", '{"version": 0, "cells": {}}', '{"version": 1}', "\x00")


def test_a_damaged_file_counts_as_empty_and_the_next_save_repairs_it(tmp_path):
    for text in (*DAMAGED, '{"version": 1, "cells": {"a": {}}}'):
        recordings.file_of(state=tmp_path).write_text(text)
        assert recordings.page_data(state=tmp_path) == {}, text
        recordings.save(notebook(cell("one", shows(text_plain="1"))), state=tmp_path)
        assert list(recordings.page_data(state=tmp_path)) == ["one"], text


def test_without_a_recording_there_is_nothing_to_show(tmp_path):
    assert recordings.page_data(state=tmp_path / "none") == {}


def test_two_notebooks_of_one_name_do_not_share_recordings(tmp_path):
    one, two = tmp_path / "a" / "talk.ipynb", tmp_path / "b" / "talk.ipynb"
    recordings.save(notebook(cell("one", shows(text_plain="1"))), one, state=tmp_path)
    assert (
        list(recordings.page_data(one, state=tmp_path)) == ["one"]
        and recordings.page_data(two, state=tmp_path) == {}
    )


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the system has another folder for it"
)
def test_recordings_lie_in_the_users_folder_for_state(monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/x")
    assert state_module.folder() == Path("/x/lambdadeck")
    monkeypatch.setenv("LAMBDADECK_STATE", "/elsewhere")
    assert state_module.folder() == Path("/elsewhere")


def test_a_secret_that_a_cell_showed_is_not_kept(tmp_path):
    key, account = (
        "AKIA" + "Q7XWPLMZ2NKD4RTB",
        "arn:aws:lambda:eu-west-1:918273645546:function:greet",
    )
    table = f"<table><tr><td>{key}</td><td>{account}</td></tr></table>"
    recordings.save(
        notebook(
            cell("one", shows(text_html=table, text_plain=key), new_output("stream", text=account))
        ),
        state=tmp_path,
    )
    kept = recordings.file_of(state=tmp_path).read_text()
    assert key not in kept and "918273645546" not in kept
    assert "[secret]" in kept and "…5546" in kept and "function:greet" in kept


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://example.com/x.png" alt="x">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<svg onload="alert(1)"><script>alert(1)</script></svg>',
    '<div style="background: url(https://example.com/)">x</div>',
    '<div style="position: fixed; inset: 0">x</div>',
    "<style>body { display: none }</style>",
    '<form action="https://example.com"><input name=a></form>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<base href="https://example.com/">',
    "<td onclick=alert(1)>x",
)


def test_nothing_in_the_html_of_a_recording_runs_or_fetches(tmp_path):
    for markup in HOSTILE:
        check_harmless(markup, tmp_path)


def check_harmless(markup, state):
    read = Read(page_of(shows(text_html=markup), state=state))
    assert not set(read.tags) & {
        "script",
        "iframe",
        "svg",
        "style",
        "form",
        "input",
        "base",
        "mglyph",
        "object",
        "embed",
        "link",
    }
    for name, value in read.attributes:
        assert not name.startswith("on") and name not in ("srcdoc", "action")
        assert name not in ("src", "href") or (value or "").startswith("data:image/")
        assert name != "style" or not any(word in (value or "") for word in ("url", "position"))


def test_what_is_printed_is_shown_as_text(tmp_path):
    shown = page_of(
        new_output("stream", name="stdout", text="<b>\x1b[1mbold\x1b[0m</b> & more"), state=tmp_path
    )
    assert "&lt;b&gt;" in shown and "&amp; more" in shown and "\x1b" not in shown


def test_what_is_printed_in_pieces_is_one_text(tmp_path):
    pieces = [new_output("stream", text=text) for text in ("answer:", " None", "\ndone\n")]
    assert page_of(*pieces, state=tmp_path) == page_of(
        new_output("stream", text="answer: None\ndone\n"), state=tmp_path
    )


def test_a_table_keeps_its_look(tmp_path):
    style = "color: #0e7490; font-size: calc(20px * var(--k, 0.7))"
    row = f'<th scope="row" style="{style}">cold</th><td align="right">37</td>'
    markup = f"<table><tr>{row}</tr></table>"
    shown = page_of(shows(text_html=markup), state=tmp_path)
    assert (
        'scope="row"' in shown
        and "color: #0e7490" in shown
        and "calc(20px * var(--k, 0.7))" in shown
        and 'align="right"' in shown
    )


def test_a_figure_keeps_its_picture_its_size_and_its_words(tmp_path):
    output = new_output(
        "display_data",
        {"image/png": png(), "text/plain": "f"},
        metadata={"image/png": {"width": 40, "height": 30, "alt": 'Cold "and" warm'}},
    )
    found = dict(Read(page_of(output, state=tmp_path)).attributes)
    assert found["src"].startswith("data:image/png;base64,")
    assert (found["alt"], found["width"], found["height"]) == ('Cold "and" warm', "40", "30")


def test_a_picture_that_would_leave_its_attribute_is_left_out(tmp_path):
    recordings.save(
        notebook(cell("one", shows(image_png=png(), text_plain="only words"))), state=tmp_path
    )
    file = recordings.file_of(state=tmp_path)
    text = json.loads(file.read_text())
    text["cells"]["one"]["outputs"][0]["data"]["image/png"] = '"><img src=x onerror=alert(1)>'
    file.write_text(json.dumps(text))
    shown = recordings.page_data(state=tmp_path)["one"]["html"]
    assert "only words" in shown and "onerror" not in shown


def test_a_progress_bar_that_has_gone_leaves_no_empty_output(tmp_path):
    recordings.save(
        notebook(
            cell(
                "one",
                shows(text_html="", text_plain="<IPython.core.display.HTML object>"),
                shows(text_plain="2"),
            )
        ),
        state=tmp_path,
    )
    assert len(recordings.load(state=tmp_path)["one"].outputs) == 1


def test_a_cell_that_shows_nothing_is_recorded_as_showing_nothing(tmp_path):
    recordings.save(notebook(cell("one")), state=tmp_path)
    assert recordings.page_data(state=tmp_path)["one"]["html"] == ""


def test_a_panel_is_recorded_as_its_texts_its_pictures_and_the_state_of_its_controls(tmp_path):
    widgets = {
        "box": {
            "state": {
                "_model_name": "VBoxModel",
                "children": [f"IPY_MODEL_{name}" for name in ("style", "menu", "tick", "words")],
            }
        },
        "style": {
            "state": {
                "_model_name": "HTMLModel",
                "value": "<style>p { color: red }</style>",
                "layout": "IPY_MODEL_none",
            }
        },
        "none": {"state": {"_model_name": "LayoutModel", "display": "none"}},
        "menu": {
            "state": {
                "_model_name": "DropdownModel",
                "description": "Lambda <on>",
                "_options_labels": ["x86_64", "arm64"],
                "index": 1,
            }
        },
        "tick": {
            "state": {"_model_name": "CheckboxModel", "description": "free tier", "value": False}
        },
        "words": {
            "state": {
                "_model_name": "HTMLModel",
                "value": f'<img alt="the curve" src="data:image/png;base64,{png()}">'
                "<p>Lambda is cheaper.</p>",
            }
        },
    }
    view = new_output(
        "display_data",
        {recorded_html.outputs.WIDGET: {"model_id": "box"}, "text/plain": "VBox(children=…)"},
    )
    shown = page_of(view, state=tmp_path, widgets=widgets)
    assert "Lambda &lt;on&gt;: <b>arm64</b>" in shown and "free tier: <b>no</b>" in shown
    assert (
        "<p>Lambda is cheaper.</p>" in shown
        and 'alt="the curve"' in shown
        and "color: red" not in shown
    )


def test_a_widget_without_its_state_is_recorded_as_its_text(tmp_path):
    view = new_output(
        "display_data",
        {recorded_html.outputs.WIDGET: {"model_id": "gone"}, "text/plain": "IntSlider(value=3)"},
    )
    assert "IntSlider(value=3)" in page_of(view, state=tmp_path)


def test_saving_leaves_the_notebook_that_ran_as_it_is(tmp_path):
    ran = notebook(cell("one", shows(image_png=png(), text_plain="1")))
    before = json.dumps(ran)
    recordings.save(ran, state=tmp_path)
    assert json.dumps(ran) == before


def test_a_secret_that_redaction_leaves_is_refused_with_its_cell_and_nothing_is_written(
    tmp_path, monkeypatch
):
    recordings.save(notebook(cell("one", shows(text_plain="good"))), state=tmp_path)
    monkeypatch.setenv("SERVICE_API_KEY", "Pa55w0rd-of-mine")
    cut = new_output("stream", name="stdout", text="Pa55w0rd\x1b[31m-of-mine\x1b[0m")
    with pytest.raises(SecretLeakError, match=r"cell 'two' holds .* variable SERVICE_API_KEY"):
        recordings.save(
            notebook(cell("one", shows(text_plain="new")), cell("two", cut)), state=tmp_path
        )
    assert recordings.load(state=tmp_path)["one"].outputs[0]["data"]["text/plain"] == "good"


def test_a_password_that_was_typed_into_a_widget_is_not_recorded(tmp_path):
    state = {"description": "Key", "value": "typed by hand"}
    models = {
        kind: {"state": {**state, "_model_name": kind}} for kind in ("PasswordModel", "TextModel")
    }
    for kind, is_shown in (("PasswordModel", False), ("TextModel", True)):
        view = {"application/vnd.jupyter.widget-view+json": {"model_id": kind}}
        page = page_of(new_output("display_data", view), state=tmp_path, widgets=models)
        assert ("typed by hand" in page) == is_shown
