"""scripts/refresh-reveal, with an npm that hands out a package of ours."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

PACKAGE = {
    "LICENSE": b"free\n",
    "dist/reveal.js": b"let reveal;\n",
    "dist/reveal.css": b".reveal {}\n",
    "extra.js": b"no\n",
}
NPM = """#!{python}
import json, shutil, sys
if {broken!r}:
    sys.exit("npm: no such version")
folder = sys.argv[sys.argv.index("--pack-destination") + 1]
shutil.copy({archive!r}, folder)
said = {{"name": "reveal.js", "version": "6.9.9"}}
said |= {{"integrity": "sha512-x", "filename": "reveal.tgz"}}
print(json.dumps([said]))
"""


@pytest.fixture
def project(tmp_path: Path, root: Path) -> Path:
    """Make a project with that script, older files, and an archive for npm to deliver."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(root / "scripts" / "refresh-reveal", tmp_path / "scripts")
    shutil.copytree(root / "assets" / "deck" / "reveal", tmp_path / "assets" / "deck" / "reveal")
    with tarfile.open(tmp_path / "reveal.tgz", "w:gz") as archive:
        for name, content in PACKAGE.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, BytesIO(content))
    return tmp_path


def refreshed(
    project: Path, broken: bool = False, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    npm = project / "bin" / "npm"
    npm.parent.mkdir(exist_ok=True)
    npm.write_text(
        NPM.format(python=sys.executable, archive=str(project / "reveal.tgz"), broken=broken)
    )
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    environment = {**os.environ, "PATH": path if path is not None else str(npm.parent)}
    return subprocess.run(
        [sys.executable, project / "scripts" / "refresh-reveal"],
        env=environment,
        text=True,
        capture_output=True,
    )


def files(project: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in (project / "assets" / "deck" / "reveal").iterdir()
    }


def test_the_files_that_the_page_needs_are_replaced_and_their_checksums_recorded(
    project: Path,
) -> None:
    assert refreshed(project).returncode == 0
    now = files(project)
    record = json.loads(now.pop("version.json"))
    assert now == {
        Path(name).name: content for name, content in PACKAGE.items() if name != "extra.js"
    }
    assert record["version"] == "6.9.9"
    assert record["sha256"] == {
        name: hashlib.sha256(content).hexdigest() for name, content in now.items()
    }


def test_when_npm_fails_nothing_changes(project: Path) -> None:
    before = files(project)
    told = refreshed(project, broken=True)
    assert (told.returncode, files(project)) == (1, before)
    assert told.stderr.endswith("npm could not fetch reveal.js@6; nothing was changed.\n")


def test_without_npm_it_says_what_to_install(project: Path) -> None:
    before = files(project)
    told = refreshed(project, path="")
    assert (told.returncode, files(project)) == (1, before)
    assert "install Node.js" in told.stderr
