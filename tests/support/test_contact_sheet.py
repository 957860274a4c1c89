"""A whole deck on one picture."""

import pytest
from PIL import Image

from tests.support import contact_sheet


def test_every_picture_has_a_place_of_its_own(tmp_path):
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    for number, colour in enumerate(colours):
        Image.new("RGB", (1280, 720), colour).save(tmp_path / f"{number:02d}-slide-after.png")
    with Image.open(contact_sheet.save(tmp_path, "-after.png", "sheet-after.png")) as made:
        places = [
            (100 + number * (contact_sheet.THUMBNAIL[0] + contact_sheet.GAP), 100)
            for number in range(3)
        ]
        assert [made.getpixel(place) for place in places] == colours


def test_an_earlier_sheet_is_not_put_on_the_next(tmp_path):
    Image.new("RGB", (1280, 720)).save(tmp_path / "00-slide-after.png")
    first = contact_sheet.save(tmp_path, "-after.png", "sheet-after.png").read_bytes()
    assert contact_sheet.save(tmp_path, "-after.png", "sheet-after.png").read_bytes() == first


def test_a_folder_without_pictures_is_told(tmp_path):
    with pytest.raises(ValueError, match="photograph the deck first"):
        contact_sheet.save(tmp_path, "-after.png", "sheet-after.png")
