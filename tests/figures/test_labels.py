"""Words inside a figure: wrapped, spread apart, beside their lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure as Drawing

from lambdadeck.figures.labels import spread, wrapped

POSITIONS = st.lists(st.floats(-100, 400), min_size=1, max_size=12)


@given(POSITIONS)
def test_spread_labels_never_touch_and_stay_inside(wanted):
    placed = spread(wanted, 20, 0, 300)
    assert np.all(np.diff(np.sort(placed)) >= 20 - 1e-6)
    assert placed.min() >= -1e-6 and placed.max() <= 300 + 1e-6


@given(POSITIONS)
def test_spread_labels_keep_their_order(wanted):
    placed = spread(wanted, 20, 0, 300)
    assert np.all(np.diff(placed[np.argsort(wanted, kind="stable")]) > 0)


def test_labels_with_room_stay_where_they_want_to_be():
    assert spread([250, 10, 130], 20, 0, 300).tolist() == [250, 10, 130]


def test_two_labels_for_one_place_share_the_move():
    assert spread([100, 100], 20, 0, 300).tolist() == [90, 110]


@pytest.fixture
def text():
    return Drawing(figsize=(8, 2), dpi=100).text(0, 0, "")


def test_long_text_wraps_at_spaces_and_loses_no_word(text):
    words = "a finding that is far too long for one line of this small picture"
    lines = wrapped(text, words, 200)
    assert lines.replace("\n", " ") == words and "\n" in lines
    for line in lines.split("\n"):
        text.set_text(line)
        assert text.get_window_extent().width <= 200


def test_a_word_wider_than_the_line_stays_whole(text):
    assert wrapped(text, "unbreakable " + "w" * 60, 100) == "unbreakable\n" + "w" * 60
