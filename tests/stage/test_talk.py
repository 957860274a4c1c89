"""What a talk keeps in the server's memory: the changes a page may make, and who may make them."""

import json
import urllib.error
from argparse import ArgumentTypeError
from urllib.parse import urlsplit

import pytest

from lambdadeck.stage import recordings
from lambdadeck.stage.talk import ENDED, Talk
from tests.support.cases import each
from tests.support.presenting import ask, post

STREAM = {"output_type": "stream", "name": "stdout", "text": "key AKIAIOSFODNN7EXAMPLE\n"}


def test_a_new_talk_has_nothing():
    assert Talk().page_data() == {"outputs": {}}


def test_a_change_leaves_the_rest():
    talk = Talk()
    for change in ({"place": [3, 1, -1]}, {"started": 1_700_000_000_000}, {"route": "15"}, {}):
        talk.change(change)
    assert (talk.place, talk.started, talk.route) == ((3, 1, -1), 1_700_000_000_000, "15")


def test_an_output_is_kept_as_html_without_secrets_and_scripts():
    talk = Talk()
    script = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"text/html": "<script>x</script><b>y</b>"},
    }
    talk.change({"ran": {"id": "greet", "source": "1", "outputs": [STREAM, script]}})
    kept = talk.outputs["greet"]
    assert kept["source_sha256"] == recordings.source_sha256("1") and kept["when"].endswith("Z")
    assert "AKIAIOSFODNN7EXAMPLE" not in kept["html"] and "<script" not in kept["html"]
    assert "<b>y</b>" in kept["html"]


def test_of_a_widget_its_model_is_kept_and_a_sentence_for_after_its_kernel():
    talk = Talk()
    view = {"version_major": 2, "version_minor": 0, "model_id": "0123"}
    data = {"text/plain": "Box(children=…)", "application/vnd.jupyter.widget-view+json": view}
    panel = {"output_type": "display_data", "metadata": {}, "data": data}
    talk.change({"ran": {"id": "panel", "source": "1", "outputs": [STREAM, panel]}})
    kept = talk.outputs["panel"]
    assert kept["model"] == "0123" and ENDED in kept["html"] and "Box" not in kept["html"]


@each(
    "change",
    [
        {"place": [1, 2]},
        {"place": "abc"},
        {"started": "noon"},
        {"route": "20"},
        {"ran": {"id": "x"}},
        {"ran": {"id": "x", "source": "", "outputs": 5}},
    ],
)
def test_what_is_no_change_is_refused(change):
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError, ArgumentTypeError)):
        Talk().change(change)


def test_the_server_keeps_it_for_who_has_the_token(deck):
    path = "lambdadeck/talk/notebooks/no-such-talk.ipynb"
    post(deck.url_said, path, {"place": [2, 0, -1]}, "PUT")
    parts = urlsplit(deck.url_said)
    url = f"http://{parts.netloc}/{path}"
    assert json.loads(ask(f"{url}?{parts.query}")[1])["place"] == [2, 0, -1]
    assert ask(url)[0] == 403
    with pytest.raises(urllib.error.HTTPError, match="400") as refused:
        post(deck.url_said, path, {"place": "nowhere"}, "PUT")
    refused.value.close()
