"""The look of every figure, read from assets/deck/tokens.css so that slides and figures agree."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from lambdadeck.shared.paths import ASSETS

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

Args = ParamSpec("Args")
Result = TypeVar("Result")

TOKENS = ASSETS / "deck" / "tokens.css"
FONTS = ASSETS / "fonts"
DPI = 100  # pixels an inch when a figure is shown at its own size
SIZE = (11.52, 4.84)  # inches: 1152 x 484 px, the exhibit of a slide of 1280 x 720
PICTURES = "LAMBDADECK_PICTURES"  # a variable of kernels; svg: for a page, which has our fonts
HATCH = "////"  # marks a cold start, and arm64 beside x86: readable without color


@dataclass(frozen=True)
class Palette:
    """The colors, as #rrggbb; each means the same thing in every figure."""

    paper: str
    ink: str
    muted: str
    line: str
    panel: str
    aws_lambda: str
    lambda_tint: str
    ec2: str
    ec2_tint: str
    cold: str
    good: str
    bad: str


@dataclass(frozen=True)
class TypeScale:
    """Font families, the first first, and text sizes in CSS pixels at 1280 x 720."""

    families: tuple[str, ...]
    title: int
    body: int
    table: int
    code: int
    note: int
    text: int
    footer: int


@cache
def tokens(path: Path = TOKENS) -> dict[str, str]:
    """Return the custom properties of the style sheet by name, without the dashes."""
    css = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {name: value.strip() for name, value in re.findall(r"--([\w-]+)\s*:\s*([^;]+);", css)}


def palette(path: Path = TOKENS) -> Palette:
    """Return the palette; ValueError names a color that is missing or not #rrggbb."""
    wanted = (path, "#[0-9a-fA-F]{6}", "a color such as #1c1f26")
    names = Palette.__dataclass_fields__
    return Palette(**{name: _token(_named(name), *wanted) for name in names})


def type_scale(path: Path = TOKENS) -> TypeScale:
    """Return the type scale; ValueError names a size that is missing or not in px."""
    _, *sizes = TypeScale.__dataclass_fields__
    wanted = (path, r"[1-9]\d*px", "a size such as 24px")
    px = {name: _token(f"{name.replace('_', '-')}-px", *wanted) for name in sizes}
    pixels = {name: int(size.removesuffix("px")) for name, size in px.items()}
    return TypeScale(_families(path), **pixels)


def points(px: float) -> float:
    """Return a size in points for one in CSS pixels, in a figure at DPI pixels an inch."""
    return px * 72 / DPI


def rc(px: int | None = None) -> dict[RcKeyType, Any]:
    """Return the matplotlib settings of all figures, for `matplotlib.rc_context`.

    Text has `px` CSS pixels, by default those of all text on a slide.
    """
    colors, scale = palette(), type_scale()
    body = points(px or scale.text)
    return {
        "font.family": list(scale.families),
        "font.size": body,
        "text.color": colors.ink,
        "text.hinting": "none",  # hinted letters get wider at another scale
        "text.parse_math": False,  # two dollar signs are two prices, not a formula
        "figure.figsize": SIZE,
        "figure.dpi": DPI,
        "figure.facecolor": colors.paper,
        "axes.facecolor": colors.paper,
        "axes.edgecolor": colors.muted,
        "axes.labelcolor": colors.muted,
        "axes.labelsize": body,
        "axes.titlesize": body,
        "axes.titlelocation": "left",
        "axes.titlecolor": colors.muted,
        "axes.unicode_minus": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "grid.color": colors.line,
        "grid.linewidth": 0.7,
        "xtick.color": colors.muted,
        "xtick.labelsize": body,
        "xtick.major.pad": 8,  # a label of each axis meets in the corner
        "xtick.minor.size": 0,
        "ytick.color": colors.muted,
        "ytick.labelsize": body,
        "ytick.minor.size": 0,
        "lines.linewidth": 2.6,
        "lines.markersize": 9,
        "hatch.linewidth": 1.6,
    }


def styled(draw: Callable[Args, Result]) -> Callable[Args, Result]:
    """Make the function draw in our style, whatever matplotlib settings the notebook has."""

    @wraps(draw)
    def in_style(*args: Args.args, **kwargs: Args.kwargs) -> Result:
        import matplotlib  # only here: tables and the AWS strip need the colors alone

        _add_fonts()
        with matplotlib.rc_context(rc()):
            return draw(*args, **kwargs)

    return in_style


@cache
def _add_fonts() -> None:
    """Let matplotlib find the fonts that are in the repository, and a semibold for the fallback."""
    from matplotlib.font_manager import fontManager

    for path in sorted(FONTS.glob("*.ttf")):
        fontManager.addfont(path)
    bold = [one for one in fontManager.ttflist if one.name == "DejaVu Sans" and one.weight == 700]
    fontManager.ttflist += [replace(one, weight=600) for one in bold]


def _families(path: Path) -> tuple[str, ...]:
    return tuple(re.findall('"([^"]+)"', _token("font", path)))


def _named(field: str) -> str:
    return field.removeprefix("aws_").replace("_", "-")


def _token(name: str, path: Path, pattern: str = ".*", wanted: str = "text") -> str:
    if (value := tokens(path).get(name)) is None:
        words = "add it there, where slides and figures read it."
        raise ValueError(f"{path.name} has no --{name}; {words}")
    if not re.fullmatch(pattern, value, re.DOTALL):
        raise ValueError(f"--{name} in {path.name} is {value!r}; figures need {wanted}.")
    return value
