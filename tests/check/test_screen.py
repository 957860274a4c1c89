"""The screen's size is read from whoever knows it; nobody knowing it is amber."""

import json

import pytest

from lambdadeck.check import screen
from lambdadeck.check.findings import Light
from lambdadeck.check.screen import Screen

XRANDR = """Screen 0: minimum 320 x 200, current 3200 x 1080, maximum 16384 x 16384
eDP-1 connected primary 1280x800+0+0 (normal left inverted right x axis y axis) 290mm x 180mm
   1280x800      60.00*+
HDMI-1 connected 1920x1080+1280+0 (normal left inverted right x axis y axis) 600mm x 340mm
DP-1 disconnected (normal left inverted right x axis y axis)
DP-2 connected (normal left inverted right x axis y axis)
"""


def test_xrandr_s_screens_are_those_that_are_on():
    assert screen.of_xrandr(XRANDR) == [Screen("eDP-1", 1280, 800), Screen("HDMI-1", 1920, 1080)]
    assert screen.of_xrandr("Can't open display \n") == []


def test_linux_says_it_without_a_display_server(tmp_path):
    for name, status, modes in [
        ("card1-eDP-1", "connected", "1920x1200\n1280x720\n"),
        ("card1-DP-1", "disconnected", ""),
        ("card1-DP-2", "connected", ""),
    ]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "status").write_text(f"{status}\n")
        (tmp_path / name / "modes").write_text(modes)
    (tmp_path / "version").write_text("drm 1.1.0\n")
    assert screen.of_drm(tmp_path) == [Screen("eDP-1", 1920, 1200)]
    assert screen.of_drm(tmp_path / "none") == []


def test_macos_says_it_as_json():
    display = {
        "_name": "Color LCD",
        "_spdisplays_resolution": "1440 x 900 @ 60.00Hz",
        "_spdisplays_pixels": "2880 x 1800",
    }
    said = json.dumps(
        {"SPDisplaysDataType": [{"spdisplays_ndrvs": [display, {"_name": "off"}]}, {}]}
    )
    assert screen.of_macos(said) == [Screen("Color LCD", 1440, 900)]
    assert screen.of_macos("") == screen.of_macos("no JSON") == []


@pytest.mark.parametrize(
    ("found", "light"),
    [
        ([Screen("a", 1280, 720)], Light.GREEN),
        ([Screen("a", 1024, 768), Screen("b", 1920, 1080)], Light.GREEN),
        ([Screen("a", 1024, 768)], Light.AMBER),
        ([], Light.AMBER),
    ],
)
def test_a_screen_that_is_too_small_or_not_known_is_amber(found, light):
    finding = screen.screen(found)
    assert finding.light is light and ("1280 x 720" in finding.words or light is Light.GREEN)
    assert bool(finding.todo) == (light is Light.AMBER)


def test_a_machine_without_any_of_these_programs_says_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(screen, "DRM", tmp_path)
    assert screen.connected("linux") == screen.connected("darwin") == []
