"""Runs in Pyodide as a page is made: adds bytecode to the standard library, for a fast start."""

import py_compile
import sys
import zipfile
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)


def compiled(library: Path, target: Path) -> None:
    """Copy the library's zip file, with the bytecode of each module that is imported by now.

    Sources stay, because a traceback shows their lines. Nothing is deflated: the page's data is.
    """
    specs = [getattr(module, "__spec__", None) for module in list(sys.modules.values())]
    imported = {spec.origin for spec in specs if spec}
    with zipfile.ZipFile(library) as source, zipfile.ZipFile(target, "w") as copy:
        for name in sorted(one for one in source.namelist() if not one.endswith("/")):
            content = source.read(name)
            copy.writestr(zipfile.ZipInfo(name, _EPOCH), content)
            if (origin := f"{library}/{name}") in imported:
                copy.writestr(zipfile.ZipInfo(f"{name}c", _EPOCH), _bytecode(content, origin))


def _bytecode(content: bytes, origin: str) -> bytes:
    """Return a module's compiled form, which Python uses without a look at its source."""
    module = Path("/module.py")
    module.write_bytes(content)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(module), "/module.pyc", origin, doraise=True, invalidation_mode=mode)
    return Path("/module.pyc").read_bytes()
