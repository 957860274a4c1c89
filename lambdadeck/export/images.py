"""Pictures that cells made, small enough to be sent round."""

from __future__ import annotations

import base64
import io
import os
import re
from concurrent.futures import Future, ThreadPoolExecutor

from nbformat import NotebookNode
from PIL import Image

COLOURS = 256
LEVEL = 7  # of zlib: 9 makes a tenth less of it, in six times the time


class Shrinking:
    """PNGs made smaller on other cores while the page is rendered: tokens stand for them until then."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(os.cpu_count())
        self._jobs: list[Future[str]] = []

    def start(self, notebook: NotebookNode) -> None:
        """Begin with every PNG in the notebook's outputs; a token takes its place."""
        for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
            if "image/png" in (data := output.get("data", {})):
                self._jobs.append(self._threads.submit(_shrunk, data["image/png"]))
                data["image/png"] = f"@@picture-{len(self._jobs) - 1}@@"

    def finish(self, page: str) -> str:
        """The page with the pictures in place of their tokens."""
        with self._threads:
            return re.sub(
                r"(?<=base64,)@@picture-(\d+)@@",
                lambda found: self._jobs[int(found[1])].result(),
                page,
            )


def _shrunk(content: str) -> str:
    return base64.b64encode(smaller(base64.b64decode(content))).decode("ascii")


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
    plain.quantize(palette=palette, dither=Image.Dither.NONE).save(
        reduced, "PNG", compress_level=LEVEL
    )
    return min(png, reduced.getvalue(), key=len)


def _is_see_through(picture: Image.Image) -> bool:
    return picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] < 255


def _frequent(picture: Image.Image) -> list[int]:
    counted = sorted(picture.getcolors(picture.width * picture.height), reverse=True)[:COLOURS]
    return [channel for _, colour in counted for channel in colour]
