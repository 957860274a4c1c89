"""Imports the client from one file, which build_cache.py has written: bootstrap.py begins it and ends it.

It saves a cold start four milliseconds of looking, reading and compiling regular expressions; the modules are as from their
own files. Where that does not hold (a function or a layer brings one of them itself) nothing is begun.
"""

import _frozen_importlib_external as loading
import _sre
import os
import sys


class Ahead:
    """A finder of modules, and a compiler of the regular expressions in them."""

    def __init__(self, folder, modules, patterns):
        self.folder, self.modules, self.patterns, self.loaders = folder, modules, patterns, []
        from re import _compiler

        self.compiler, self.compile = _compiler, _compiler.compile

    def find_spec(self, name, path=None, target=None):
        if name not in self.modules:
            return None
        relative, code = self.modules.pop(name)
        file = os.path.join(self.folder, relative)
        if not file.endswith(".py"):
            return loading.spec_from_file_location(
                name, file, loader=loading.ExtensionFileLoader(name, file)
            )
        loader = loading.SourceFileLoader(name, file)
        if code:
            loader.get_code = lambda _: loading._compile_bytecode(code, name, None, file)
            self.loaders.append(loader)
        return loading.spec_from_file_location(name, file, loader=loader)

    def compiled(self, pattern, flags=0):
        known = self.patterns.get((pattern, flags))
        return _sre.compile(*known) if known else self.compile(pattern, flags)

    def end(self):
        """Leave everything as a start without it would."""
        sys.meta_path.remove(self)
        self.compiler.compile = self.compile
        for loader in self.loaders:
            del loader.get_code


def begin(folder, modules, patterns):
    """An Ahead at work; None if a folder before the standard library's, but for the runtime's own, has one of its modules."""
    before = sys.path[: sys.path.index(os.path.dirname(os.__file__))]
    for place in before:
        if (
            place != folder
            and os.path.isdir(place)
            and not modules.keys().isdisjoint(e.partition(".")[0] for e in os.listdir(place))
        ):
            return None
    ahead = Ahead(folder, modules, patterns)
    sys.meta_path.insert(0, ahead)
    ahead.compiler.compile = ahead.compiled
    import_later(ahead.find_spec("traceback"))  # noqa: F821  (lazy_module.py, which runs in the same names before)
    return ahead
