"""Reads ahead what every start of Python reads, whatever the function: `python -S -B build_cache.py RUNTIME_DIR`.

Writes there bootstrap.py as bytecode, and in one file Amazon's client with all that it imports: where each module is, its
bytecode, and the regular expressions as their compiler leaves them. Like the .pyc files that it comes from it holds nothing
that has run: each execution environment still imports all of it, from one file instead of fifty.
"""

import marshal
import os
import sys

import regex_cache

there = set(sys.modules)  # in every interpreter, before anything is imported
FOLDER, RUNTIME_DIR = os.path.dirname(os.path.abspath(__file__)), sys.argv[1]
PATHS = sys.meta_path[-1]
sys.path[:1] = [RUNTIME_DIR]
sys.modules["traceback"] = type(sys)(
    "traceback"
)  # lazy_module.py leaves it for later, and so what it imports


def modules():
    """The file of each module that importing the client has imported, and its bytecode unless it is no Python."""
    found = {"traceback": (PATHS.find_spec("traceback").origin, None)}
    for name in set(sys.modules) - there - set(found):
        spec = sys.modules[name].__spec__
        if (
            spec and spec.has_location and spec.name == name
        ):  # else it is another module under a second name
            code = spec.loader.get_code(name)
            found[name] = spec.origin.removeprefix(RUNTIME_DIR + "/"), code and marshal.dumps(code)
    return found


def compiled(name):
    """One of this folder's files as code."""
    with open(f"{FOLDER}/{name}", "rb") as source:
        return compile(source.read(), source.name, "exec")


def write(name, data):
    """A file that is there as a whole or not at all."""
    with open(f"{RUNTIME_DIR}/{name}.part", "wb") as file:
        file.write(data)
    os.replace(f"{RUNTIME_DIR}/{name}.part", f"{RUNTIME_DIR}/{name}")


seen = regex_cache.of_the_client()
programs = compiled("lazy_module.py"), compiled("import_cache.py")
write("client.marshal", marshal.dumps((programs, modules(), seen)))
from importlib.util import MAGIC_NUMBER  # noqa: E402

# A name that nobody can import.
write("bootstrap.main.pyc", MAGIC_NUMBER + bytes(12) + marshal.dumps(compiled("bootstrap.py")))
