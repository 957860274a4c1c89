"""Reads ahead what every start of Python reads, whatever the function: `python -S -B prepare.py RUNTIME_DIR`.

Writes there bootstrap.py as bytecode, and in one file Amazon's client with all that it imports: where each module is, its
bytecode, and the regular expressions as their compiler leaves them. Like the .pyc files that it comes from it holds nothing
that has run: each execution environment still imports all of it, from one file instead of fifty.
"""

import marshal
import os
import sys

there = set(sys.modules)  # in every interpreter, before anything is imported
FOLDER, RUNTIME_DIR = os.path.dirname(os.path.abspath(__file__)), sys.argv[1]
PATHS = sys.meta_path[-1]
sys.path[:1] = [RUNTIME_DIR]
sys.modules["traceback"] = type(sys)("traceback")  # bootstrap.py leaves it for later, and so what it imports


class _Engine:
    """The engine of regular expressions while the client is imported: `kept` is what the last pattern became."""

    def __init__(self, engine):
        self.engine = engine

    def __getattr__(self, name):
        return getattr(self.engine, name)

    def compile(self, pattern, flags, code, groups, named, names):
        self.kept = pattern, int(flags), [int(word) for word in code], groups, dict(named), names
        return self.engine.compile(pattern, flags, code, groups, named, names)


def patterns():
    """What the engine of regular expressions is given for each pattern that importing the client compiles."""
    from re import _compiler
    seen, compile_pattern, engine = {}, _compiler.compile, _Engine(_compiler._sre)

    def compiled(pattern, flags=0):
        made = compile_pattern(pattern, flags)
        seen[pattern, int(flags)] = engine.kept
        return made

    _compiler.compile, _compiler._sre = compiled, engine
    from awslambdaric import bootstrap  # noqa: F401
    return seen


def modules():
    """The file of each module that importing the client has imported, and its bytecode unless it is no Python."""
    found = {"traceback": (PATHS.find_spec("traceback").origin, None)}
    for name in set(sys.modules) - there - set(found):
        spec = sys.modules[name].__spec__
        if spec and spec.has_location and spec.name == name:  # else it is another module under a second name
            code = spec.loader.get_code(name)
            found[name] = spec.origin.removeprefix(RUNTIME_DIR + "/"), code and marshal.dumps(code)
    return found


def write(name, data):
    """A file that is there as a whole or not at all."""
    with open(f"{RUNTIME_DIR}/{name}.part", "wb") as file:
        file.write(data)
    os.replace(f"{RUNTIME_DIR}/{name}.part", f"{RUNTIME_DIR}/{name}")


compiled_patterns = patterns()
write("client.marshal", marshal.dumps((modules(), compiled_patterns)))
from importlib.util import MAGIC_NUMBER  # noqa: E402

with open(f"{FOLDER}/bootstrap.py", "rb") as source:
    program = compile(source.read(), source.name, "exec")
write("bootstrap.main.pyc", MAGIC_NUMBER + bytes(12) + marshal.dumps(program))  # a name that nobody can import
