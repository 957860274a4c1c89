"""Many slides on one picture, for people who look at a whole deck at once."""

import sys
from math import ceil
from pathlib import Path

from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

THUMBNAIL = (426, 240)  # 1280 x 720, a third
GAP = 14
CAPTION = 22
GROUND, WORDS = (
    "#8a93a0",
    "#0d131b",
)  # between white and black slides, so that the edges of both can be seen


def sheet(pictures: list[Path], columns: int = 6, caption: int = CAPTION) -> Image.Image:
    """Return all pictures in reading order, each with its file name in `caption` pixels below it.

    Raise ValueError if there are none.
    """
    if not pictures:
        raise ValueError("There is no picture to put on the sheet: photograph the deck first.")
    width, height = THUMBNAIL[0] + GAP, THUMBNAIL[1] + caption + GAP
    made = Image.new(
        "RGB", (columns * width + GAP, ceil(len(pictures) / columns) * height + GAP), GROUND
    )
    pen, font = (
        ImageDraw.Draw(made),
        ImageFont.truetype(f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf", 14),
    )
    for number, path in enumerate(pictures):
        corner = (GAP + number % columns * width, GAP + number // columns * height)
        with Image.open(path) as picture:
            made.paste(picture.convert("RGB").resize(THUMBNAIL, Image.Resampling.LANCZOS), corner)
        pen.text(
            (corner[0], corner[1] + THUMBNAIL[1] + 3),
            path.stem[:48] if caption else "",
            fill=WORDS,
            font=font,
        )
    return made


def save(folder: Path, ending: str, name: str) -> Path:
    """Put the pictures of a folder with this ending on one sheet, `name`; return its path."""
    target = folder / name
    sheet(
        sorted(path for path in folder.glob(f"*{ending}") if not path.name.startswith("sheet-"))
    ).save(target)
    return target


README = (
    "lambda-live",
    "continuous-scaling",
    "four-languages",
    "sixteen-sources-reach",
    "a-burst-is-served",
    "lambda-is-cheaper",
    "this-very-call",
    "the-2017-pipeline-needs",
    "a-tenth-of-the-calls",
)
PICTURE = Path(__file__).resolve().parents[2] / "assets" / "images" / "deck.png"


def picture_of_the_deck(folder: Path, target: Path = PICTURE) -> Path:
    """Show nine slides after their cells have run; StopIteration if one is missing."""
    after = sorted(folder.glob("[0-9]*-after.png"))
    chosen = [next(path for path in after if words in path.name) for words in README]
    made = sheet(chosen, columns=3, caption=0)
    few = made.quantize(128, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    few.save(target, optimize=True)
    return target


if (
    __name__ == "__main__"
):  # python -m tests.support.contact_sheet FOLDER, after python -m tests.support.screenshots FOLDER
    print(picture_of_the_deck(Path(sys.argv[1])))
