"""A Python process that has imported the runtime client and knows no function.

Every container has a fork of it, which becomes a runtime by running the bootstrap.
"""

import ctypes
import gc
import importlib
import os
import signal
import site
import sys
import time
from contextlib import suppress
from types import CodeType, ModuleType
from typing import Any

from lambdadeck.engine.execution.order import OPT, OPTIONS, RUNTIME_DIR, TASK_ROOT, Order

LIBRARIES = (TASK_ROOT, f"{TASK_ROOT}/lib", f"{OPT}/lib")  # of LD_LIBRARY_PATH, a function's own
BOOTSTRAP = f"{RUNTIME_DIR}/bootstrap.py"
# They read the environment when they are imported, so each runtime runs them again.
READERS = ("awslambdaric.lambda_runtime_client", "awslambdaric.bootstrap")
Program = tuple[CodeType, dict[str, Any]]  # code, and the names that it finds and makes

# Python's allocator keeps objects of a size together, from 16 to 512 bytes.
EMPTY, ALIGNMENT, SMALLEST, LARGEST = sys.getsizeof(b""), 16, 48, 512
FILL = 30_000  # bytes for each size: more than the gaps
KEPT: list[object] = []  # what is freed in a fork is memory of its own


class Client:
    """The imported client, and the code to run in each runtime."""

    def __init__(self, own_path: str) -> None:
        """Import it from /var/runtime, without this project's folder on the path."""
        sys.path[:] = [path for path in sys.path if path not in ("", own_path)]
        self._library = sys.path[:]
        sys.path.insert(0, RUNTIME_DIR)
        site.setquit()  # -S leaves exit and quit out
        self._codes = _codes()
        with open(BOOTSTRAP, "rb") as source:
            self._bootstrap = compile(source.read(), BOOTSTRAP, "exec")
        for name in [name for name in sys.modules if name.startswith("lambdadeck")]:
            del sys.modules[name]
        self._known = {name for name in sys.modules if "." not in name} - {"__main__"}
        for name in set(os.environ) - {"LC_CTYPE"}:
            del os.environ[name]  # but what an interpreter sets itself without LANG's locale
        KEPT.extend([self, sys.modules["__main__"], _filled()])
        gc.collect()
        gc.freeze()

    def serves(self, order: Order) -> bool:
        """Return whether a fork runs the function as an interpreter of its own would.

        It does not if the function or a layer has a module of a name that is imported, or a shared
        library: the loader reads LD_LIBRARY_PATH when an interpreter starts. Nor does it if the
        function calls hash(): forks share the seed of the hashes of strings.
        """
        if any(".so" in name for folder in LIBRARIES for name in _names(folder)):
            return False
        folders = [TASK_ROOT, *order.command[len(OPTIONS) + 4 :]]
        there = {folder: _names(folder) for folder in folders}
        tops = {name.partition(".")[0] for names in there.values() for name in names}
        return self._known.isdisjoint(tops) and not any(map(_hashes, there[TASK_ROOT]))

    def programs(self, order: Order) -> list[Program]:
        """Make this process look like an interpreter that starts; return what it has to run."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for name, value in order.environment.items():
            os.environ[name] = value
        time.tzset()
        sys.orig_argv[:] = order.command
        sys.argv[:] = order.command[len(OPTIONS) + 1 :]
        sys.path[:] = [RUNTIME_DIR, *self._library]
        main = sys.modules["__main__"] = ModuleType("__main__")
        main.__dict__.update(__file__=BOOTSTRAP, __builtins__=__builtins__)
        return [*self._codes, (self._bootstrap, main.__dict__)]


def _filled() -> list[bytes]:
    """Return objects that fill the gaps in this process's memory.

    A fork's first objects stand side by side then, not each on a page that it would have to copy.
    """
    sizes = range(SMALLEST, LARGEST + 1, ALIGNMENT)
    return [bytes(size - EMPTY) for size in sizes for _ in range(FILL // size)]


def _names(folder: str) -> list[str]:
    return os.listdir(folder) if os.path.isdir(folder) else []


def _hashes(name: str) -> bool:
    """Return whether a file of the function is Python's and calls hash()."""
    with suppress(OSError):
        if name.endswith(".py"):
            with open(os.path.join(TASK_ROOT, name), "rb") as source:
                return b"hash(" in source.read()
    return False


def _codes() -> list[Program]:
    """Import the client without its native half, which reads the environment when it is loaded."""
    with suppress(OSError):  # loading this library is most of the work of loading that half
        ctypes.CDLL("libstdc++.so.6")
    sys.modules["runtime_client"] = None  # type: ignore[assignment]  # importing it fails
    codes = [_code(importlib.import_module(name)) for name in READERS]
    del sys.modules["runtime_client"]
    return codes


def _code(module: ModuleType) -> Program:
    loader = module.__loader__
    assert loader
    code = loader.get_code(module.__name__)  # type: ignore[attr-defined]  # of a source file
    return code, module.__dict__
