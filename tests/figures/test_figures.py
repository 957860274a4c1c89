"""Every figure of the talk: readable pictures, and the same numbers in words."""

import base64
import csv
import html
import io
import json
import subprocess
import sys

import matplotlib
import pytest
from PIL import Image

from lambdadeck import figures
from tests.support import figure_check
from tests.support.cases import each
from tests.support.figure_cases import DRAWN, FRESH, LATER


@pytest.fixture(scope="module")
def drawn():
    """Every figure of DRAWN, drawn once."""
    return {name: draw() for name, draw in DRAWN.items()}


@pytest.fixture(scope="module")
def bundles(drawn):
    """Return the MIME bundle of every figure, made once."""
    return {name: figure._repr_mimebundle_() for name, figure in drawn.items()}


@each("name", DRAWN)
def test_no_text_is_smaller_than_24_px(name, drawn):
    figure = drawn[name]
    assert figure_check.too_small(figure) == []


@each("name", DRAWN)
def test_no_text_is_cut_off(name, drawn):
    figure = drawn[name]
    assert figure_check.cut_off(figure) == []


@each("name", DRAWN)
def test_no_text_covers_another(name, drawn):
    figure = drawn[name]
    assert figure_check.collisions(figure) == []


@each("name", DRAWN)
def test_the_picture_shows_the_reading_line_and_a_warning(name, drawn):
    figure = drawn[name]
    shown = " ".join(text.get_text().replace("\n", " ") for text in figure.fig.texts)
    assert figure.how_to_read in shown and figure.title not in shown
    assert figure.data.partition(" Note: ")[2] in shown


@each("name", DRAWN)
def test_title_picture_and_origin_are_html_for_a_lab(name, drawn, bundles):
    figure, (data, metadata) = drawn[name], bundles[name]
    words = html.unescape(data["text/html"])
    assert figure.title in words and figure.alt in words and data["image/png"] in words
    assert figure.source in words and figure.data in words
    assert metadata["lambdadeck"]["source"] == figure.source


@each("name", DRAWN)
def test_the_numbers_are_a_table_and_the_same_table_as_csv(name, drawn):
    figure = drawn[name]
    headers, rows = figure.table
    assert rows and all(len(row) == len(headers) for row in rows)
    read = list(csv.reader(io.StringIO(figure.csv())))
    assert read == [
        [*map(str, headers)],
        *[["" if cell is None else str(cell) for cell in row] for row in rows],
    ]


@each("name", DRAWN)
def test_the_output_is_a_sharp_png_with_alternative_text(name, drawn, bundles):
    figure = drawn[name]
    data, metadata = bundles[name]
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    about = metadata["image/png"]
    high = 432 if name == "a large burst" else 484  # below a sentence of its slide
    assert picture.size == (1728, high * 3 // 2)
    assert (about["width"], about["height"]) == (1152, high)
    assert about["alt"] == figure.alt and len(figure.alt) > 60
    assert figure.how_to_read in data["text/plain"]


@each("name", DRAWN)
def test_the_output_carries_its_words_and_numbers_as_strict_json(name, drawn, bundles):
    figure = drawn[name]
    data, _ = bundles[name]
    words = json.loads(json.dumps(data["application/vnd.lambdadeck.figure+json"], allow_nan=False))
    assert (words["title"], words["alt"], words["data"]) == (figure.title, figure.alt, figure.data)
    assert len(words["table"]["rows"]) == len(figure.table[1])


@each("name", DRAWN)
def test_a_figure_with_prices_says_currency_date_and_source(name, drawn):
    figure = drawn[name]
    if "US$" in " ".join(map(str, figure.table[0])):
        assert "US$" in figure.data and "2026-" in figure.data and "price" in figure.data


def test_a_figure_does_not_depend_on_the_notebooks_settings(drawn):
    plain = drawn["architectures"].png(1)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "lines.linewidth": 9}):
        assert figures.architectures(today=FRESH).png(1) == plain


def test_figures_need_only_numpy_and_matplotlib():
    code = "import sys, lambdadeck.figures; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
    )
    assert not loaded & {
        "boto3",
        "botocore",
        "ministack",
        "IPython",
        "ipywidgets",
        "uvicorn",
        "psutil",
        "pandas",
    }


@each(
    ("name", "case"),
    [
        ("monthly_cost", "monthly cost"),
        ("vcpu_hour", "vCPU-hour"),
        ("rounding", "rounding"),
        ("winner_map", "winner map"),
        ("architectures", "architectures"),
        ("catalogue", "catalogue"),
    ],
)
def test_old_prices_are_called_old_and_fresh_ones_are_not(name, case, drawn):
    assert "days old" not in drawn[case].data
    late = getattr(figures, name)(today=LATER)
    assert "days old" in late.data
    assert any("days old" in text.get_text() for text in late.fig.texts)


def test_only_the_regions_with_old_prices_are_named_when_others_are_fresh(drawn):
    warning = drawn["regions"].data.split("Note: ")[1]
    assert "me-central-1" in warning and "eu-west-1" not in warning
