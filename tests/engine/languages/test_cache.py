"""What is made once is kept under what it was made from, and half-made things are never seen."""

import stat
import subprocess
import sys

import pytest

from lambdadeck.engine.languages import cache


def write(text):
    return lambda folder: (folder / "made").write_text(text)


def test_the_same_inputs_are_made_once_and_other_inputs_again(tmp_path):
    first = cache.kept("thing", ["a", b"b"], write("one"), tmp_path)
    assert cache.kept("thing", ["a", b"b"], write("two"), tmp_path) == first
    assert (first / "made").read_text() == "one"
    assert cache.kept("thing", ["ab", b""], write("three"), tmp_path) != first, (
        "where one input ends matters"
    )


def test_what_fails_leaves_nothing_behind(tmp_path):
    def fail(folder):
        (folder / "half").write_text("half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.kept("thing", ["a"], fail, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_when_two_make_the_same_the_first_wins(tmp_path):
    def beaten(folder):
        (folder / "made").write_text("late")
        cache.kept("thing", ["a"], write("early"), tmp_path)

    assert (cache.kept("thing", ["a"], beaten, tmp_path) / "made").read_text() == "early"
    assert len(list(tmp_path.iterdir())) == 1


def folder_in(environment, tmp_path):
    """Return the cache folder that a process with these variables has used."""
    script = "from lambdadeck.engine.languages import cache; print(cache.folder())"
    said = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    return tmp_path.__class__(said.stdout.strip())


def test_the_cache_is_the_users_own(tmp_path):
    folder = folder_in({"XDG_CACHE_HOME": str(tmp_path / "cache")}, tmp_path)
    assert folder == tmp_path / "cache" / "lambdadeck"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_without_a_place_to_write_the_cache_is_temporary_and_goes(tmp_path):
    (tmp_path / "file").write_text("")
    folder = folder_in(
        {"XDG_CACHE_HOME": str(tmp_path / "file"), "TMPDIR": str(tmp_path)}, tmp_path
    )
    assert folder.parent == tmp_path and not folder.exists()
