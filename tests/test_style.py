"""The look of figures: one source, readable from the back row."""

from pathlib import Path

import matplotlib
import pytest
from matplotlib import font_manager
from matplotlib.colors import to_rgb

from lambdadeck import style


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def sheet(folder: Path, replaced: str, by: str) -> Path:
    """A copy of the tokens with one text replaced."""
    text = style.TOKENS.read_text()
    assert replaced in text
    path = folder / "tokens.css"
    path.write_text(text.replace(replaced, by, 1))
    return path


def test_the_palette_and_the_type_scale_come_from_the_tokens(tmp_path):
    path = sheet(tmp_path, "--ec2: #1d4e89", "--ec2: #123456")
    assert style.palette(path).ec2 == "#123456"
    assert style.palette().ec2 == "#1d4e89"
    assert style.type_scale().figure == int(style.tokens()["figure-px"].removesuffix("px"))


@pytest.mark.parametrize("ground", ["paper", "panel"])
@pytest.mark.parametrize("name", ["ink", "muted", "aws_lambda", "ec2", "cold", "warm", "good", "bad"])
def test_every_colour_is_readable_as_text(name, ground):
    colours = style.palette()
    assert contrast(getattr(colours, name), getattr(colours, ground)) >= 4.5


def test_text_in_figures_is_at_least_14_px():
    scale = style.type_scale()
    assert min(scale.figure_title, scale.figure, scale.figure_source) >= 14


def test_points_are_pixels_at_the_size_figures_are_shown():
    assert style.points(style.DPI) == 72  # an inch


def test_the_font_of_figures_ships_with_matplotlib():
    found = font_manager.findfont(style.type_scale().family, fallback_to_default=False)
    assert Path(found).is_relative_to(matplotlib.get_data_path())


def test_a_missing_token_is_named(tmp_path):
    with pytest.raises(ValueError, match="--lambda"):
        style.palette(sheet(tmp_path, "  --lambda:", "  --lambada:"))


@pytest.mark.parametrize("bad", ["red", "#fff", "var(--ink)"])
def test_a_colour_that_figures_cannot_use_is_named(tmp_path, bad):
    with pytest.raises(ValueError, match="--ink"):
        style.palette(sheet(tmp_path, "--ink: #16202e", f"--ink: {bad}"))


@pytest.mark.parametrize("bad", ["17pt", "0px", "large"])
def test_a_size_that_is_not_in_pixels_is_named(tmp_path, bad):
    size = style.tokens()["figure-px"]
    with pytest.raises(ValueError, match="--figure-px"):
        style.type_scale(sheet(tmp_path, f"--figure-px: {size}", f"--figure-px: {bad}"))


def test_styling_a_figure_leaves_the_notebooks_own_settings_alone():
    before = dict(matplotlib.rcParams)
    assert style.styled(lambda: matplotlib.rcParams["font.size"])() == style.points(style.type_scale().figure)
    assert dict(matplotlib.rcParams) == before


def test_styling_overrides_what_the_notebook_has_set():
    with matplotlib.rc_context({"font.size": 40, "axes.edgecolor": "red"}):
        seen = style.styled(lambda: (matplotlib.rcParams["font.size"], matplotlib.rcParams["axes.edgecolor"]))()
    assert seen == (style.points(style.type_scale().figure), style.palette().muted)
