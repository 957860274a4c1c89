"""The look of every figure, read from assets/deck/tokens.css so that slides and figures agree."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from lambdadeck.shared.paths import ASSETS

Args = ParamSpec("Args")
Result = TypeVar("Result")

TOKENS = ASSETS / "deck" / "tokens.css"
DPI = 100  # pixels an inch when a figure is shown at its own size: 11 x 4 in is 1100 x 400 px
SIZE = (11.0, 4.0)  # inches: fits under a title and five code lines at 1280 x 720
HATCH = "////"  # what marks a cold start, and arm64 beside x86: readable without colour


@dataclass(frozen=True)
class Palette:
    """The colours, as #rrggbb; each means the same thing in every figure."""

    paper: str
    ink: str
    muted: str
    line: str
    panel: str
    aws_lambda: str
    ec2: str
    cold: str
    warm: str
    good: str
    bad: str


@dataclass(frozen=True)
class TypeScale:
    """Font families and text sizes, in CSS pixels at 1280 x 720."""

    family: str
    mono: str
    title: int
    body: int
    table: int
    code: int
    note: int
    figure_title: int
    figure: int
    figure_source: int


@cache
def tokens(path: Path = TOKENS) -> dict[str, str]:
    """Every custom property of the style sheet, name (without the dashes) to value; OSError if it cannot be read."""
    css = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {name: value.strip() for name, value in re.findall(r"--([\w-]+)\s*:\s*([^;]+);", css)}


def palette(path: Path = TOKENS) -> Palette:
    """The palette of the style sheet; ValueError names a colour that is missing or not #rrggbb."""
    names = {
        field: "lambda" if field == "aws_lambda" else field
        for field in Palette.__dataclass_fields__
    }
    return Palette(**{field: _colour(name, path) for field, name in names.items()})


def type_scale(path: Path = TOKENS) -> TypeScale:
    """The type scale of the style sheet; ValueError names a size that is missing or not in px."""
    families = {"family": _family("font", path), "mono": _family("mono", path)}
    sizes = [field for field in TypeScale.__dataclass_fields__ if field not in families]
    return TypeScale(
        **families, **{field: _pixels(f"{field.replace('_', '-')}-px", path) for field in sizes}
    )


def points(px: float) -> float:
    """A size in points for one in CSS pixels, for a figure shown at DPI pixels an inch."""
    return px * 72 / DPI


def rc(path: Path = TOKENS) -> dict[str, object]:
    """The matplotlib settings of all figures, for `matplotlib.rc_context`."""
    colours, scale = palette(path), type_scale(path)
    marks = {"lines.linewidth": 2.6, "lines.markersize": 9, "hatch.linewidth": 1.6}
    return {**_text_settings(colours, scale), **_axes_settings(colours), **marks}


def styled(draw: Callable[Args, Result]) -> Callable[Args, Result]:
    """The same function, drawing in our style whatever matplotlib settings the notebook has changed."""

    @wraps(draw)
    def in_style(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        import matplotlib  # only here: tables and the AWS strip need the colors alone

        with matplotlib.rc_context(rc()):
            return draw(*args, **kwargs)

    return in_style


def _text_settings(colours: Palette, scale: TypeScale) -> dict[str, object]:
    body = points(scale.figure)
    return {
        "font.family": scale.family,
        "font.size": body,
        "text.color": colours.ink,
        "axes.labelsize": body,
        "axes.titlesize": body,
        "axes.titlelocation": "left",
        "axes.titlecolor": colours.muted,
        "xtick.labelsize": body,
        "ytick.labelsize": body,
        "axes.unicode_minus": True,
        "text.parse_math": False,  # two dollar signs are two prices, not a formula
    }


def _axes_settings(colours: Palette) -> dict[str, object]:
    return {
        "figure.figsize": SIZE,
        "figure.dpi": DPI,
        "figure.facecolor": colours.paper,
        "axes.facecolor": colours.paper,
        "axes.edgecolor": colours.muted,
        "axes.labelcolor": colours.muted,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "grid.color": colours.line,
        "grid.linewidth": 0.7,
        "xtick.color": colours.muted,
        "ytick.color": colours.muted,
        "xtick.minor.size": 0,
        "ytick.minor.size": 0,
    }


def _token(name: str, path: Path) -> str:
    try:
        return tokens(path)[name]
    except KeyError:
        raise ValueError(
            f"{path.name} has no --{name}; add it there, where slides and figures read it."
        ) from None


def _colour(name: str, path: Path) -> str:
    value = _token(name, path)
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError(
            f"--{name} in {path.name} is {value!r}; figures need a colour such as #16202e."
        )
    return value


def _pixels(name: str, path: Path) -> int:
    value = _token(name, path)
    if not re.fullmatch(r"[1-9]\d*px", value):
        raise ValueError(f"--{name} in {path.name} is {value!r}; figures need a size such as 17px.")
    return int(value.removesuffix("px"))


def _family(name: str, path: Path) -> str:
    return _token(name, path).split(",")[0].strip().strip("\"'")
