"""Shrink the pictures of a page."""

import base64
import io
import os
import re
from concurrent.futures import Future, ThreadPoolExecutor

from nbformat import NotebookNode
from PIL import Image, UnidentifiedImageError

from lambdadeck.notebook.errors import NotebookError

COLORS = 128
LEVEL = 7  # zlib: 9 saves another tenth but takes six times as long


class Shrinking:
    """Shrink PNGs on other cores while the page is rendered with tokens in their place."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(os.cpu_count())
        self._jobs: list[Future[str]] = []

    def start(self, notebook: NotebookNode) -> None:
        """Start to shrink every PNG in the notebook's outputs, and put a token in its place."""
        for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
            if "image/png" in (data := output.get("data", {})):
                self._jobs.append(self._threads.submit(smaller_base64, data["image/png"]))
                data["image/png"] = f"@@picture-{len(self._jobs) - 1}@@"

    def finish(self, page: str) -> str:
        """Replace the tokens in the page by the pictures."""
        token = r"(?<=base64,)@@picture-(\d+)@@"
        with self._threads:
            return re.sub(token, lambda found: self._jobs[int(found[1])].result(), page)


def smaller_base64(content: str) -> str:
    """Apply `smaller` to a PNG in base64."""
    return base64.b64encode(smaller(base64.b64decode(content))).decode("ascii")


def smaller(png: bytes) -> bytes:
    """Reduce a PNG to its 128 most frequent colors, unless that makes it larger.

    Flat areas and lines keep their exact colors; only some shading at the edges of letters changes.
    """
    try:
        picture = Image.open(io.BytesIO(png))
    except UnidentifiedImageError as error:
        problem = "A picture in an output is not a PNG that can be read"
        raise NotebookError(f"{problem}: run its cell again.") from error
    if picture.mode not in ("RGB", "RGBA") or _is_transparent(picture):
        return png
    plain = picture.convert("RGB")
    palette = Image.new("P", (1, 1))
    palette.putpalette(_frequent(plain))
    reduced = io.BytesIO()
    quantized = plain.quantize(palette=palette, dither=Image.Dither.NONE)
    quantized.save(reduced, "PNG", compress_level=LEVEL)
    return min(png, reduced.getvalue(), key=len)


def _is_transparent(picture: Image.Image) -> bool:
    return (
        picture.mode == "RGBA"
        and picture.getchannel("A").histogram()[255] < picture.width * picture.height
    )


def _frequent(picture: Image.Image) -> list[int]:
    """Return the palette of an RGB picture: its most frequent colors as a flat list of channels."""
    found = picture.getcolors(picture.width * picture.height) or []
    counted = sorted(
        ((count, color) for count, color in found if isinstance(color, tuple)), reverse=True
    )
    return [channel for _, color in counted[:COLORS] for channel in color]
