"""Write the import cache of all Python functions: `python -S -B build_cache.py RUNTIME_DIR`.

It writes bootstrap.py as bytecode and one file with Amazon's client and its imports: the location
and bytecode of each module, and the compiled regular expressions. Like .pyc files, the cache holds
nothing that has run: each environment imports all modules, from one file instead of fifty.
"""

import marshal
import os
import sys

MYPY = False
if MYPY:
    from typing import Any

    regex_cache: Any = None
else:
    import regex_cache

there = set(sys.modules)  # in every interpreter, before anything is imported
FOLDER, RUNTIME_DIR = os.path.dirname(os.path.abspath(__file__)), sys.argv[1]
PATHS: "Any" = sys.meta_path[-1]
sys.path[:1] = [RUNTIME_DIR]
sys.modules["traceback"] = type(sys)("traceback")  # lazy_module.py imports it later


def modules() -> "dict[str, tuple[str, bytes | None]]":
    """Return file and bytecode (None if not Python) of each module that the client imports."""
    found: dict[str, tuple[str, bytes | None]]
    found = {"traceback": (PATHS.find_spec("traceback").origin, None)}
    for name in set(sys.modules) - there - set(found):
        spec: Any = sys.modules[name].__spec__
        if spec and spec.has_location and spec.name == name:  # else a second name of a module
            code = spec.loader.get_code(name)
            found[name] = spec.origin.removeprefix(RUNTIME_DIR + "/"), code and marshal.dumps(code)
    return found


def compiled(name: str) -> "Any":
    """Compile one of this folder's files."""
    with open(f"{FOLDER}/{name}", "rb") as source:
        return compile(source.read(), f"/var/runtime/{name}", "exec")  # as traces show it


def write(name: str, data: bytes) -> None:
    """Write a file atomically."""
    with open(f"{RUNTIME_DIR}/{name}.part", "wb") as file:
        file.write(data)
    os.replace(f"{RUNTIME_DIR}/{name}.part", f"{RUNTIME_DIR}/{name}")


seen = regex_cache.of_the_client()
programs = compiled("lazy_module.py"), compiled("import_cache.py")
write("client.marshal", marshal.dumps((programs, modules(), seen)))
from importlib.util import MAGIC_NUMBER  # noqa: E402  # after modules() has looked

# A name that nobody can import.
write("bootstrap.main.pyc", MAGIC_NUMBER + bytes(12) + marshal.dumps(compiled("bootstrap.py")))
