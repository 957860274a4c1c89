"""Import the client from the one file that build_cache.py has written.

It saves 4 ms of a cold start, spent on finding files and compiling regular expressions. It is not
used if a function or a layer has one of these modules itself.
"""

import _frozen_importlib_external as loading
import _sre  # type: ignore[import-not-found]  # it has no stubs
import os
import sys

MYPY = False
if MYPY:  # importing typing takes a millisecond
    from typing import Any


class ImportCache:
    def __init__(self, folder: "str", modules: "dict[str, Any]", patterns: "dict[Any, Any]"):
        self.folder, self.modules, self.patterns = folder, modules, patterns
        self.loaders: list[Any] = []
        self.compiler: Any = __import__("re")._compiler
        self.compile = self.compiler.compile

    def find_spec(self, name: "str", path: "Any" = None, target: "Any" = None) -> "Any":
        if name not in self.modules:
            return None
        place, code = self.modules.pop(name)
        file = os.path.join(self.folder, place)
        is_python = file.endswith(".py")
        kind: Any = loading.SourceFileLoader if is_python else loading.ExtensionFileLoader
        loader = kind(name, file)
        if is_python and code:
            read: Any = loading._compile_bytecode  # type: ignore[attr-defined]  # private
            loader.get_code = lambda _: read(code, name, None, file)
            self.loaders.append(loader)
        return loading.spec_from_file_location(name, file, loader=loader)

    def compiled(self, pattern: "Any", flags: "Any" = 0) -> "Any":
        known = self.patterns.get((pattern, flags))
        return _sre.compile(*known) if known else self.compile(pattern, flags)

    def end(self) -> None:
        sys.meta_path.remove(self)
        self.compiler.compile = self.compile
        for loader in self.loaders:
            del loader.get_code


def begin(folder: "str", modules: "dict[str, Any]", patterns: "dict[Any, Any]") -> "Any":
    """Install the cache; return None if an earlier folder has one of its modules."""
    before = sys.path[: sys.path.index(os.path.dirname(os.__file__))]
    for place in [place for place in before if place != folder and os.path.isdir(place)]:
        if not modules.keys().isdisjoint(e.partition(".")[0] for e in os.listdir(place)):
            return None
    cache = ImportCache(folder, modules, patterns)
    sys.meta_path.insert(0, cache)
    cache.compiler.compile = cache.compiled
    import_later(cache.find_spec("traceback"))  # type: ignore[name-defined]  # noqa: F821  # lazy_module.py
    return cache
