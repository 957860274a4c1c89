"""ARCHITECTURE.md is true: packages, arrows, doors, names; importing a module does nothing else."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from lambdadeck.shared.paths import ASSETS, ROOT

PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "lambdadeck"
RUNTIMES = PACKAGE / "engine" / "runtimes"  # run inside execution environments, not imported
LEVELS = [line.split(", ") for line in re.search(r"```\n(.+?)```", PAGE, re.DOTALL)[1].splitlines()]
LEVEL = {name: number for number, names in enumerate(LEVELS) for name in names}
DOORS = {
    name: set(re.findall(r"`([\w.]+)`", doors))
    for name, doors in re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|$", PAGE, re.MULTILINE)
}
TOP = len(LEVELS)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {module_of(path): path for path in PACKAGE.rglob("*.py") if RUNTIMES not in path.parents}
OUTSIDE = [
    *(ROOT / "benchmarks").glob("*.py"),
    *(p for p in (ROOT / "scripts").iterdir() if p.is_file()),
]


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, also inside functions, as full names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            inner = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in FILES else node.module for name in inner)


def package_of(module: str) -> str:
    return [*module.split("."), ""][1]


def test_the_page_lists_every_package_and_no_other():
    found = {package_of(module) for module in FILES} - {""}
    assert found == LEVEL.keys() == DOORS.keys()


def test_imports_go_down():
    up = [
        f"{module} imports {name}"
        for module, path in FILES.items()
        for name in imports(path)
        if name.startswith("lambdadeck.") and (own := package_of(module)) != package_of(name)
        if LEVEL.get(own, TOP) >= LEVEL[package_of(name)]
    ]
    assert up == []


def test_the_engine_imports_shared_alone():
    foreign = [
        f"{module} imports {name}"
        for module, path in FILES.items()
        for name in imports(path)
        if package_of(module) == "engine" and name.startswith("lambdadeck.")
        if package_of(name) not in ("engine", "shared")
    ]
    assert foreign == []


def test_ministack_is_imported_by_one_module_and_known_in_one_package():
    texts = {module: path.read_text("utf-8") for module, path in FILES.items()}
    named = {module for module, text in texts.items() if re.search(r'"ministack\.', text)}
    assert {".".join(module.split(".")[:3]) for module in named} == {"lambdadeck.engine.services"}
    loading = [m for m, text in texts.items() if 'import_module(f"ministack.' in text]
    assert loading == ["lambdadeck.engine.services.installed"]
    importing = [m for m, path in FILES.items() for n in imports(path) if n.startswith("ministack")]
    assert importing == []


def test_no_figure_needs_boto3():
    needs = [
        m
        for m, path in FILES.items()
        if package_of(m) in ("figures", "costs")
        for n in imports(path)
        if n.startswith(("boto3", "botocore"))
    ]
    assert needs == []


def test_a_package_is_entered_by_its_doors():
    entered, wrong = set(), []
    for path in [*FILES.values(), *OUTSIDE]:
        own = package_of(module_of(path)) if PACKAGE in path.parents else ""
        for name in imports(path):
            parts = name.split(".")
            if parts[0] != "lambdadeck" or len(parts) < 3 or parts[1] == own:
                continue
            entered.add(name)
            if ".".join(parts[2:]) not in DOORS[parts[1]]:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []
    modules = {f"lambdadeck.{name}.{door}" for name, doors in DOORS.items() for door in doors}
    notebooks = "".join(path.read_text("utf-8") for path in (ROOT / "notebooks").glob("*.ipynb"))
    used = {
        f"lambdadeck.{a}.{b}"
        for a, b in re.findall(r"from lambdadeck\.(\w+) import ([\w, ]+)", notebooks)
        for b in b.split(", ")
    }
    assert sorted(modules - entered - used) == []  # a door that nobody uses is closed


def test_every_name_on_the_page_exists():
    flows = PAGE[PAGE.index("## One Invoke") :]
    names = re.findall(r"`([a-z_]+(?:\.\w+)+)`", flows)
    missing = [name for name in names if not exists(name)]
    assert len(names) > 25 and missing == []
    paths = re.findall(r"`((?:scripts|assets|engine|prices|shared)/[\w./-]+)", PAGE)
    assert [p for p in paths if not (ROOT / p).exists() and not (PACKAGE / p).exists()] == [
        "engine/runtimes/NAME/"
    ]


def test_a_class_name_has_one_meaning():
    places: dict[str, list[str]] = {}
    for module, path in FILES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(module)
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def exists(name: str) -> bool:
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        module = ".".join(["lambdadeck", *parts[:end]])
        if module in FILES:
            found: object = importlib.import_module(module)
            for attribute in parts[end:]:
                found = getattr(found, attribute, None)
            return found is not None
    return False


def test_the_picture_shows_the_levels_and_the_colors_of_the_deck():
    svg = (ASSETS / "architecture.svg").read_text("utf-8")
    boxes = re.findall(r'y="(\d+)"[^>]*/><text[^>]*>(\w+)</text>', svg)
    rows: dict[int, list[str]] = {}
    for y, name in boxes:
        rows.setdefault(int(y), []).append(name)
    assert [rows[y] for y in sorted(rows)] == LEVELS
    tokens = (ASSETS / "deck" / "tokens.css").read_text("utf-8")
    assert [color for color in re.findall(r"#[0-9a-f]{6}", svg) if color not in tokens] == []


IMPORT = """
import sys
opened = []
def hear(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        name = arguments[0]
        if not name.endswith((".py", ".pyc", ".so", ".json.gz")) and "site-packages" not in name:
            opened.append(name)
    elif event in ("socket.__new__", "subprocess.Popen"):
        opened.append(event)
import importlib, warnings
warnings.simplefilter("ignore")
import asyncio, boto3, botocore.session, matplotlib.pyplot, numpy, nbconvert, nbclient, uvicorn
import ipywidgets, jupyter_server.base.handlers, jupyter_server.serverapp, mistune, bleach
import latex2mathml.converter, PIL.Image, yaml, tornado.web, httptools, h11, IPython, psutil
sys.addaudithook(hear)
for module in sys.argv[1:]:
    before = len(opened)
    importlib.import_module(module)
    if len(opened) > before or boto3.DEFAULT_SESSION is not None:
        print(module, opened[before:], boto3.DEFAULT_SESSION)
"""


def test_importing_a_module_opens_nothing_and_calls_nothing():
    ran = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT, *sorted(FILES)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert (ran.stdout, ran.stderr) == ("", "")
