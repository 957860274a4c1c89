"""The look of figures: one source, readable from the back row."""

from pathlib import Path

import matplotlib
import pytest
from matplotlib import font_manager
from matplotlib.text import Text

from lambdadeck.shared import style
from tests.support.cases import each
from tests.support.colour_vision import (
    FILLED,
    GROUNDS,
    TEXT,
    THEMES,
    TOLD_APART,
    VISION,
    contrast,
    distance,
)

TEXT_CONTRAST = 4.5  # WCAG 2.2 AA; for marks 3 would do, but every color of ours is text somewhere
TOLD_APART_BY = 15  # CIE 1976: more than six times what is just noticeable


def sheet(folder: Path, replaced: str, by: str) -> Path:
    """Write a copy of the tokens with one text replaced."""
    text = style.TOKENS.read_text()
    assert replaced in text
    path = folder / "tokens.css"
    path.write_text(text.replace(replaced, by, 1))
    return path


def test_the_palette_and_the_type_scale_come_from_the_tokens(tmp_path):
    path = sheet(tmp_path, "--ec2: #172b66", "--ec2: #123456")
    assert style.palette(path).ec2 == "#123456"
    assert style.palette().ec2 == "#172b66"
    assert style.type_scale().text == int(style.tokens()["text-px"].removesuffix("px"))


def token(name: str, theme: str) -> str:
    """Return a color of the tokens, light or dark."""
    return style.tokens()[THEMES[theme] + name]


@each("theme", THEMES)
@each("ground", GROUNDS)
@each("name", TEXT)
def test_every_color_is_readable_as_text(name, ground, theme):
    assert contrast(token(name, theme), token(ground, theme)) >= TEXT_CONTRAST


@each("theme", THEMES)
@each("name", FILLED)
def test_words_can_be_read_on_what_is_filled(name, theme):
    assert contrast(token("paper", theme), token(name, theme)) >= TEXT_CONTRAST


@each("vision", VISION)
@each("theme", THEMES)
@each("pair", TOLD_APART)
def test_colors_that_mean_different_things_look_different_to_all_eyes(pair, theme, vision):
    assert distance(*(token(name, theme) for name in pair), vision) >= TOLD_APART_BY


def test_the_simulation_knows_what_deuteranopes_confuse():
    """Two colors of one confusion line: different, and nearly the same without green's cones."""
    assert distance("#b59a00", "#ff6d20") > 50
    assert distance("#b59a00", "#ff6d20", "deuteranopia") < 5


def test_contrast_is_what_wcag_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_text_in_figures_is_24_px_and_a_footer_18():
    scale = style.type_scale()
    assert (scale.text, scale.footer) == (24, 18)


def test_points_are_pixels_at_the_size_figures_are_shown():
    assert style.points(style.DPI) == 72  # an inch


@style.styled
def fonts_of(words: str, weight: str = "regular") -> list[str]:
    """Return the file of the font that each character is drawn with, without suffix."""
    families = matplotlib.rcParams["font.family"]
    face = font_manager.FontProperties(family=families, weight=weight)
    found = [
        font_manager.get_font(path) for path in font_manager.fontManager._find_fonts_by_props(face)
    ]
    return [
        Path(next(font.fname for font in found if font.get_char_index(ord(sign)))).stem
        for sign in words
    ]


def test_figures_are_drawn_in_the_fonts_of_the_repository():
    assert set(fonts_of("Lambda → λ ≤ $0.20 · –")) == {"fira-sans-400"}
    assert fonts_of("λ", "bold") == ["fira-sans-600"]


def test_other_scripts_and_marks_have_a_fallback():
    assert fonts_of("✓●") == ["fira-code-400"] * 2
    assert fonts_of("Щ") == ["DejaVuSans"]


def test_digits_are_equally_wide_without_a_feature():
    for name in ("fira-sans-400", "fira-sans-600"):
        font = font_manager.get_font(style.FONTS / f"{name}.ttf")
        assert len({font.load_char(ord(digit)).linearHoriAdvance for digit in "0123456789"}) == 1


def test_a_missing_token_is_named(tmp_path):
    with pytest.raises(ValueError, match="--lambda"):
        style.palette(sheet(tmp_path, "  --lambda:", "  --lambada:"))


@pytest.mark.parametrize("bad", ["red", "#fff", "var(--ink)"])
def test_a_color_that_figures_cannot_use_is_named(tmp_path, bad):
    with pytest.raises(ValueError, match="--ink"):
        style.palette(sheet(tmp_path, "--ink: #1c1f26", f"--ink: {bad}"))


@pytest.mark.parametrize("bad", ["17pt", "0px", "large"])
def test_a_size_that_is_not_in_pixels_is_named(tmp_path, bad):
    size = style.tokens()["text-px"]
    with pytest.raises(ValueError, match="--text-px"):
        style.type_scale(sheet(tmp_path, f"--text-px: {size}", f"--text-px: {bad}"))


def test_styling_a_figure_leaves_the_notebooks_own_settings_alone():
    before = dict(matplotlib.rcParams)
    assert style.styled(lambda: matplotlib.rcParams["font.size"])() == style.points(
        style.type_scale().text
    )
    assert dict(matplotlib.rcParams) == before


def test_styling_overrides_what_the_notebook_has_set():
    with matplotlib.rc_context({"font.size": 40, "axes.edgecolor": "red"}):
        seen = style.styled(
            lambda: (matplotlib.rcParams["font.size"], matplotlib.rcParams["axes.edgecolor"])
        )()
    assert seen == (style.points(style.type_scale().text), style.palette().muted)


def test_two_prices_in_a_sentence_are_no_formula():
    with matplotlib.rc_context(style.rc()):
        title = Text(text="$2.20, not $3.53")
    assert not title.get_parse_math()
