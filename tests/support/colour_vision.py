"""Colours as eyes have them: contrast, and how far two colours are apart without one kind of cones.

`python -m tests.support.colour_vision` prints the tokens' tables in markdown.
"""

import numpy as np
from matplotlib.colors import to_rgb

from lambdadeck.shared import style

# Machado, Oliveira and Fernandes: A Physiologically-based Model for Simulation of Color Vision
# Deficiency, published in 2009,
# severity 1.0; they apply to linear RGB.
VISION = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
WHITE = XYZ.sum(axis=1)  # D65

TEXT = ("ink", "muted", "lambda", "ec2", "cold", "good", "bad")  # each is text and mark
GROUNDS = ("paper", "panel", "lambda-tint", "ec2-tint")
FILLED = ("ink", "lambda", "ec2")  # with words in the colour of the paper on it
TOLD_APART = (
    ("lambda", "ec2"),
    ("ec2", "cold"),
    ("lambda", "cold"),
    ("good", "bad"),
    ("lambda", "muted"),
    ("ec2", "muted"),
)
THEMES = {"light": "", "dark": "dark-"}


def linear(colour: str) -> np.ndarray:
    """Linear RGB, 0 to 1, of an sRGB colour."""
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    return float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour))


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2: 1 to 21."""
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of linear RGB."""
    ratio = XYZ @ rgb / WHITE
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def distance(one: str, other: str, vision: str = "all cones") -> float:
    """How far two colours are apart to such eyes, CIE 1976: some 2.3 is just noticeable."""
    seen = [lab(np.clip(VISION[vision] @ linear(colour), 0, 1)) for colour in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def contrast_table() -> str:
    """Return each text color on each background, and the paper's on fills, in both themes."""
    tokens = style.tokens()
    pairs = [(name, ground) for name in TEXT for ground in GROUNDS] + [
        ("paper", name) for name in FILLED
    ]
    rows = [
        [
            f"{name} on {ground}",
            *(f"{contrast(tokens[p + name], tokens[p + ground]):.1f}" for p in THEMES.values()),
        ]
        for name, ground in pairs
    ]
    return _markdown(["pair", *THEMES], rows)


def distance_table() -> str:
    """Return the pairs that differ in color (never in color alone), for each kind of vision."""
    tokens = style.tokens()
    rows = [
        [
            f"{one} / {other}, {theme}",
            *(f"{distance(tokens[p + one], tokens[p + other], vision):.0f}" for vision in VISION),
        ]
        for one, other in TOLD_APART
        for theme, p in THEMES.items()
    ]
    return _markdown(["pair", *VISION], rows)


def _markdown(headers: list[str], rows: list[list[str]]) -> str:
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    print(contrast_table(), distance_table(), sep="\n\n")
