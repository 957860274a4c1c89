"""The project's own JavaScript passes the type checker."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support import typescript

CONFIGURATIONS = ("assets/jsconfig.json", "jsconfig.json")  # for pages, for Node.js
VENDORED = ("assets/deck/reveal/reveal.js", "tests/vendor/axe-core/axe.min.js")


@pytest.fixture(scope="module")
def tsc() -> list[str]:
    """Return the compiler; without Node.js or network skip, in CI fail."""
    try:
        return typescript.compiler()
    except typescript.NotInstalledError as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason))
        pytest.skip(str(reason))


def check(tsc: list[str], configuration: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [*tsc, "--noEmit", "--listFiles", "-p", configuration]
    return subprocess.run(command, cwd=folder, text=True, capture_output=True)


def scripts(root: Path) -> set[str]:
    """Return the scripts and types of the project, without what others wrote."""
    places = (root / name for name in ("assets", "benchmarks", "lambdadeck", "notebooks", "tests"))
    found = (path for place in places for path in place.rglob("*.[jt]s"))
    ours = {path.relative_to(root).as_posix() for path in found if "node_modules" not in path.parts}
    return ours - set(VENDORED)


def test_the_types_of_every_script_are_right(tsc: list[str], root: Path) -> None:
    checked = [check(tsc, configuration, root) for configuration in CONFIGURATIONS]
    said = [line for run in checked for line in run.stdout.splitlines()]
    assert [line for line in said if not line.startswith(f"{root}/")] == []
    assert all(run.returncode == 0 for run in checked)
    assert scripts(root) - {line.removeprefix(f"{root}/") for line in said} == set()


def test_no_script_turns_the_checker_off(root: Path) -> None:
    off = ("@ts-nocheck", "@ts-ignore", "@ts-expect-error")
    texts = {name: (root / name).read_text(encoding="utf-8") for name in scripts(root)}
    assert [name for name, text in texts.items() if any(word in text for word in off)] == []


def test_a_wrong_type_is_found(tsc: list[str], root: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.js").write_text("deck.formatting.usd('one dollar');\n")
    configuration = {
        "extends": str(root / "assets" / "jsconfig.json"),
        "include": ["wrong.js", str(root / "assets" / "globals.d.ts")],
    }
    (tmp_path / "jsconfig.json").write_text(json.dumps(configuration))
    checked = check(tsc, "jsconfig.json", tmp_path)
    assert checked.returncode != 0 and "wrong.js(1,21): error TS2345" in checked.stdout


def test_the_lock_names_versions_and_hashes_but_no_registry(root: Path) -> None:
    folder = root / "tests" / "javascript"
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    asked = json.loads((folder / "package.json").read_text())["devDependencies"]
    locked = {name: package for name, package in packages.items() if name}
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert all(package["integrity"].startswith("sha512-") for package in locked.values())
    assert not any("resolved" in package for package in locked.values())
