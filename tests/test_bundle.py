"""The bundle: pins of any Python and system from one lock, and an archive that install reads."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from lambdadeck import bundle, install
from lambdadeck.bundle import BundleError, BundleTarget

LOCK = (install.ROOT / "requirements.txt").read_text("utf-8")


def named(python: str, system: str) -> set[str]:
    made = bundle.pins(LOCK, BundleTarget(f"{python}.99", system))
    assert " ; " not in made
    return {line.split(" ")[0] for line in made.splitlines() if "==" in line}


def test_each_target_gets_the_pins_that_its_markers_ask_for():
    every = [named(python, system) for python in bundle.PYTHONS for system in bundle.SYSTEMS]
    assert min(map(len, every)) > 100
    assert {"appnope==1.0.0"} & named("3.12", "macos-arm64")
    assert not {"appnope==1.0.0"} & named("3.12", "linux-x86_64")
    old, new = (
        {pin.split("==")[0] for pin in named(python, "linux-x86_64")} for python in ("3.11", "3.14")
    )
    assert old - new == {"overrides"}
    names = [pin.split("==")[0] for pin in named("3.11", "macos-x86_64")]
    assert len(names) == len(set(names)), "one version of each"


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac makes bundles for Macs")
def test_a_bundle_for_macos_is_refused_elsewhere_with_a_sentence(capsys):
    with pytest.raises(SystemExit):
        bundle.options(["--system", "macos-arm64"])
    assert "needs a Mac: run it there" in capsys.readouterr().err


def test_wheels_in_the_checkout_replace_the_network(tmp_path, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    assert install._offline(tmp_path) == {}
    (tmp_path / install.WHEELS).mkdir()
    expected = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheelhouse")}
    assert install._offline(tmp_path) == expected


def test_the_archive_holds_what_is_committed_and_the_wheels(tmp_path):
    root, wheels = tmp_path / "root", tmp_path / "wheels"
    for folder in (root, wheels):
        folder.mkdir()
    (wheels / "one-1-py3-none-any.whl").write_text("wheel")
    (root / "here").write_text("committed")
    with pytest.raises(BundleError, match="use a clone"):
        bundle._write(tmp_path / "a.tar", root, wheels)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "here"], ["commit", "-qm", "One"]):
        subprocess.run([*git, *command], cwd=root, check=True)
    (root / "not").write_text("not committed")
    with tarfile.open(bundle._write(tmp_path / "a.tar", root, wheels)) as archive:
        names = [Path(name) for name in archive.getnames()]
    assert Path("aws-lambda-live/wheelhouse/one-1-py3-none-any.whl") in names
    assert Path("aws-lambda-live/here") in names
    assert Path("aws-lambda-live/not") not in names
