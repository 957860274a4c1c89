"""Which cells run in a page, and why the others keep their recorded output."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lambdadeck.export.runs import drawings
from lambdadeck.shared.paths import ROOT

ABSENT = {"matplotlib", "numpy"}
DRAWS = "it draws with matplotlib, which a page does not hold."
COUNTS = "it calculates with numpy, which a page does not hold."
COMMAND = "it uses a command of Jupyter, which a page does not have."
SERVICES = "it needs services beside Lambda and its logs, which a page does not hold."
MAKERS = ("boto3.client", "boto3.resource", "session.client")
KNOWN = ("lambda", "logs", "sqs")  # a page can make their clients
_DRAWN = {"lambdadeck.figures", *(f"lambdadeck.figures.{name}" for name in drawings.FIGURES)}
REASONS = {
    "sqs": SERVICES,  # a client of it, used
    "lambdadeck.languages": "it runs functions in other languages than Python.",
    "lambdadeck.deployment.firehose": "it runs a function in Node.js.",
    "lambdadeck.prices.ec2_catalogue": COUNTS,
    "lambdadeck.panel": "its sliders are Jupyter's; this page has its own.",
    "lambdadeck.triggers": SERVICES,
}


def reasons(sources: dict[str, str]) -> dict[str, str]:
    """Return why cells cannot run in a page, by their ids; those that can are left out.

    A cell cannot if it uses a name that only a cell makes that cannot. None can if the first, which
    connects and starts a lab, cannot.
    """
    modules: dict[str, str] = {}
    missing: dict[str, str] = {}
    found: dict[str, str] = {}
    for cell, source in sources.items():
        used, made = _names(source)
        lacking = next((name for name in sorted(used) if name in missing), "")
        why = f"it uses {lacking}, which the cell {missing[lacking]} makes." if lacking else ""
        if why := reason(source, modules) or why:
            found[cell] = why
            missing |= dict.fromkeys(made, cell)
        else:
            missing = {name: cell for name, cell in missing.items() if name not in made}
    first = next((cell for cell in sources if found.get(cell) != COMMAND), "")
    if first in found:
        found |= {cell: found[first] for cell in sources if cell not in found}
    return found


def _names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell takes from others, and those that it makes.

    A cell with a function takes none: what it needs to be of use is the function, an exercise.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set(), set()
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    made = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    made |= functions | dict(_imported(tree)).keys()
    return set() if functions else {node.id for node in names} - made, made


def reason(source: str, modules: dict[str, str]) -> str:
    """Return why a cell cannot run in a page, "" if it can.

    `modules` maps names to the modules that this and earlier cells have imported; it is updated.
    """
    if source.startswith("%%writefile"):
        return ""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return COMMAND
    modules |= dict(_imported(tree)) | dict(_clients(tree))
    used = [
        name
        for owner, attribute in _used(tree)
        if (module := modules.get(owner))
        for name in (module, f"{module}.{attribute}")
    ]
    known = [found for module in used if (found := REASONS.get(module) or _lacks(module))]
    if any(name not in KNOWN for name in _services(tree)):
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


def _clients(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the names that a cell gives to clients, each with its service."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            pairs = [(node.targets[0], node.value)]
            if isinstance(node.value, ast.Tuple) and isinstance(node.targets[0], ast.Tuple):
                pairs = list(zip(node.targets[0].elts, node.value.elts, strict=False))
            for target, value in pairs:
                if isinstance(target, ast.Name) and (service := _service(value)):
                    yield target.id, service


def _services(tree: ast.AST) -> list[str]:
    return [service for node in ast.walk(tree) if (service := _service(node))]


def _service(node: ast.AST) -> str:
    """Return the service of a call that makes a client, "" if it is another expression."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) not in MAKERS:
        return ""
    first = node.args[0] if node.args else None
    return str(first.value) if isinstance(first, ast.Constant) else "lambda"


def _lacks(module: str) -> str:
    if module in _DRAWN:
        return ""
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
