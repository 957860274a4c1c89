"""Every private name of ministack that the engine uses is in the version that is installed."""

import ast
import importlib.util
import re
from pathlib import Path

import lambdadeck.engine

ENGINE = Path(lambdadeck.engine.__file__).parent
MINISTACK = Path(str(importlib.util.find_spec("ministack").origin)).parent
NAMED = r"^\s*(?:async )?def (_\w+)|^(_\w+)\b|^\s*self\.(_\w+): "
USERS = sorted((ENGINE / "services").glob("*.py"))


def used(tree):
    """Return the private attributes that a module reads or sets on anything but itself."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and re.fullmatch(r"_[a-zA-Z]\w*", node.attr)
        if not (isinstance(node.value, ast.Name) and node.value.id == "self")
    }


def test_each_private_name_is_defined_by_ministack():
    defined = set()
    for path in [*(MINISTACK / "services").glob("*.py"), *(MINISTACK / "core").glob("*.py")]:
        defined |= set(re.findall(NAMED, path.read_text(), re.MULTILINE))
    known = {name for names in defined for name in names} | set(
        re.findall(r"^(?:async )?def (_\w+)", (MINISTACK / "app.py").read_text(), re.MULTILINE)
    )
    names = {path.stem: used(ast.parse(path.read_text())) for path in USERS}
    missing = {
        module: gone for module, found in names.items() if (gone := found - known - {"_replace"})
    }
    assert missing == {}
    assert sum(map(len, names.values())) > 40  # the search finds them
