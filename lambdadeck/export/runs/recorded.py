"""Which cells run in a page, and why the others keep their recorded output."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lambdadeck.shared.paths import ROOT

ABSENT = {"matplotlib", "numpy"}
DRAWS = "it draws with matplotlib, which a page does not hold."
COUNTS = "it calculates with numpy, which a page does not hold."
SERVICES = "it needs services beside Lambda and its logs, which a page does not hold."
REASONS = {
    "lambdadeck.languages": "it runs functions in other languages than Python.",
    "lambdadeck.deployment.firehose": "it runs a function in Node.js.",
    "lambdadeck.prices.ec2_catalogue": COUNTS,
    "lambdadeck.panel": "its sliders are Jupyter's; this page has its own.",
    "lambdadeck.triggers": SERVICES,
}


def reasons(sources: dict[str, str]) -> dict[str, str]:
    """Return why cells cannot run in a page, by their ids; those that can are left out."""
    modules: dict[str, str] = {}
    found = {name: reason(source, modules) for name, source in sources.items()}
    return {name: why for name, why in found.items() if why}


def reason(source: str, modules: dict[str, str]) -> str:
    """Return why a cell cannot run in a page, "" if it can.

    `modules` maps names to the modules that this and earlier cells have imported; it is updated.
    """
    if source.startswith("%%writefile"):
        return ""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return "it uses a command of Jupyter, which a page does not have."
    modules |= dict(_imported(tree))
    used = [
        name
        for owner, attribute in _used(tree)
        if (module := modules.get(owner))
        for name in (module, f"{module}.{attribute}")
    ]
    known = [found for module in used if (found := REASONS.get(module) or _lacks(module))]
    if any(name not in ("lambda", "logs") for name in _services(tree)):
        known.append(SERVICES)
    return known[0] if known else ""


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for name in node.names:
                yield name.asname or name.name, f"{node.module}.{name.name}"
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield name.asname or name.name, name.name


def _used(tree: ast.AST) -> list[tuple[str, str]]:
    """Return the names whose attributes a cell uses, each with the attribute."""
    return [
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]


def _services(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            *("boto3.client", "boto3.resource", "session.client"),
        ):
            first = node.args[0] if node.args else None
            yield str(first.value) if isinstance(first, ast.Constant) else "lambda"


def _lacks(module: str) -> str:
    reached = _reached(module)
    if module.startswith("lambdadeck.figures") or "matplotlib" in reached:
        return DRAWS
    return COUNTS if "numpy" in reached else ""


@cache
def _reached(module: str) -> frozenset[str]:
    """Return the absent libraries that importing a module of ours needs."""
    seen: set[str] = set()
    ahead, found = [module], set[str]()
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        if name.partition(".")[0] in ABSENT:
            found.add(name.partition(".")[0])
        path = _path(name)
        if path is not None:
            ahead += _imports(path)
    return frozenset(found)


def _path(module: str) -> Path | None:
    if not module.startswith("lambdadeck"):
        return None
    base = ROOT.joinpath(*module.split("."))
    found = (base / "__init__.py", base.with_suffix(".py"), base.parent.with_suffix(".py"))
    return next((path for path in found if path.is_file()), None)


def _imports(path: Path) -> list[str]:
    """Return what a module imports when it is imported itself."""
    found: list[str] = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{name.name}" for name in node.names)]
    return found
