"""Pictures that cells made, small enough to be sent round."""

from __future__ import annotations

import io

from PIL import Image

COLOURS = 256


def smaller(png: bytes) -> bytes:
    """The same picture with its 256 most frequent colours, the others moved to the nearest; never larger than before.

    Flat areas and lines keep their exact colours: what moves is some of the shading at the edges of letters.
    """
    picture = Image.open(io.BytesIO(png))
    if picture.mode not in ("RGB", "RGBA") or _is_see_through(picture):
        return png
    plain = picture.convert("RGB")
    palette = Image.new("P", (1, 1))
    palette.putpalette(_frequent(plain))
    reduced = io.BytesIO()
    plain.quantize(palette=palette, dither=Image.Dither.NONE).save(reduced, "PNG", optimize=True)
    return min(png, reduced.getvalue(), key=len)


def _is_see_through(picture: Image.Image) -> bool:
    return picture.mode == "RGBA" and picture.getextrema()[3][0] < 255


def _frequent(picture: Image.Image) -> list[int]:
    counted = sorted(picture.getcolors(picture.width * picture.height), reverse=True)[:COLOURS]
    return [channel for _, colour in counted for channel in colour]
