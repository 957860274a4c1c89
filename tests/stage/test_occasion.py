"""Speaker, event, date and route: from the command line or the environment, and remembered."""

import argparse
import datetime as dt

import pytest

from lambdadeck.stage import occasion
from lambdadeck.stage.present import options

TODAY = dt.date(2026, 11, 27)


def ask(*words, environ=None):
    parser = argparse.ArgumentParser()
    occasion.add_options(parser, environ or {})
    return parser.parse_args(words)


def test_what_was_given_once_is_remembered_and_an_option_beats_the_environment(tmp_path):
    state = tmp_path / "state"
    environ = {
        "LAMBDADECK_SPEAKER": "Nobody",
        "LAMBDADECK_EVENT": "PyCon",
        "LAMBDADECK_ROUTE": "35",
    }
    occasion.remember(ask("--speaker", "Ada", "--date", "2026-12-01", environ=environ), state)
    occasion.remember(ask(), state)
    assert occasion.page_data(state, TODAY) == {
        "route": "35",
        "occasion": {"speaker": "Ada", "event": "PyCon", "date": "December 1, 2026"},
    }
    assert occasion.file_of(state).stat().st_mode & 0o077 == 0
    occasion.remember(ask("--event", "", "--route", "all"), state)
    later = occasion.page_data(state, dt.date(2027, 1, 2))
    assert later["route"] == "all"
    assert later["occasion"] == {"speaker": "Ada", "event": "", "date": "January 2, 2027"}


def test_nothing_given_writes_nothing_and_a_damaged_file_is_as_none(tmp_path):
    occasion.remember(ask(), tmp_path / "state")
    assert not (tmp_path / "state").exists()
    for damaged in ("{", "[]", '{"speaker": 5}'):
        occasion.file_of(tmp_path).write_text(damaged)
        assert occasion.load(tmp_path) == {}


def test_a_wrong_date_or_route_is_refused_with_what_to_write(capsys, monkeypatch):
    monkeypatch.setenv("LAMBDADECK_ROUTE", "20")
    for words, said in (
        (["--date", "1.12.2026"], "'1.12.2026' is not a date: write it as 2026-12-01"),
        ([], "'20' is not a route: choose 15, 35, or all"),
    ):
        with pytest.raises(SystemExit):
            options(words)
        assert said in capsys.readouterr().err
