"""Starts Amazon's own runtime client, awslambdaric, on the function's handler.

Run with `-S` and absolute paths: what a function can import is its own code, its layers and what the runtime brings
(awslambdaric, boto3 and theirs), not what happens to be installed around the engine.
"""

import gc

gc.disable()  # until the client stands: there is nothing to collect yet, and looking for it takes a millisecond

import _frozen_importlib_external as loading  # noqa: E402
import _sre  # noqa: E402
import _thread  # noqa: E402
import marshal  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402

TASK_ROOT, RUNTIME_DIR, LAYERS = sys.argv[1], sys.argv[2], sys.argv[3:]
STANDARD_LIBRARY = os.path.dirname(os.__file__)
sys.argv[1:] = []
if os.environ.get("LD_BIND_NOW") == "bootstrap":  # it was for the start; a function that sets it means another value
    del os.environ["LD_BIND_NOW"]
sys.path[:1] = [TASK_ROOT, *LAYERS, RUNTIME_DIR]


class _Later(type(sys)):
    """A module that is read once something of it is asked for, by one thread while the others wait."""

    lock, unread = _thread.RLock(), {}

    def __getattribute__(self, name):
        if name not in ("__class__", "__dict__", "__loader__", "__name__", "__spec__"):
            with _Later.lock:
                loader = _Later.unread.pop(self, None)
                if loader:
                    loader.exec_module(self)
                    self.__class__ = type(sys)
        return type(sys).__getattribute__(self, name)


def _import_later(name):
    """Make `import name` cost nothing, unless the function brings a module of that name itself."""
    spec = sys.meta_path[0].find_spec(name) or sys.meta_path[-1].find_spec(name)
    if spec.origin.startswith(STANDARD_LIBRARY):
        module = sys.modules[name] = _Later(name)
        module.__dict__.update(__spec__=spec, __loader__=spec.loader, __file__=spec.origin, __package__=spec.parent)
        _Later.unread[module] = spec.loader


class _Prepared:
    """While the client is imported: what prepare.py has read, from one file. The modules are as from their own.

    It saves a cold start four milliseconds of looking, reading and compiling regular expressions. Where it does not hold
    (a function or a layer brings one of the modules itself, an option asks for other bytecode) nothing is prepared.
    """

    def __init__(self):
        self.modules, self.patterns, self.loaders = {}, {}, []
        if os.path.exists(RUNTIME_DIR + "/client.marshal") and not sys.flags.optimize:
            with open(RUNTIME_DIR + "/client.marshal", "rb") as file:
                modules, patterns = marshal.load(file)
            if self._brought().isdisjoint(modules):
                self.modules, self.patterns = modules, patterns

    def _brought(self):
        """The names that come before the standard library's, but for the runtime's own."""
        names = set()
        for folder in sys.path[:sys.path.index(STANDARD_LIBRARY)]:
            if folder != RUNTIME_DIR and os.path.isdir(folder):
                names.update(entry.partition(".")[0] for entry in os.listdir(folder))
        return names

    def find_spec(self, name, path=None, target=None):
        if name not in self.modules:
            return None
        relative, code = self.modules.pop(name)
        file = os.path.join(RUNTIME_DIR, relative)
        if not file.endswith(".py"):
            return loading.spec_from_file_location(name, file, loader=loading.ExtensionFileLoader(name, file))
        loader = loading.SourceFileLoader(name, file)
        if code:
            loader.get_code = lambda _: loading._compile_bytecode(code, name, None, file)
            self.loaders.append(loader)
        return loading.spec_from_file_location(name, file, loader=loader)

    def _compiled(self, pattern, flags=0):
        known = self.patterns.get((pattern, flags))
        return _sre.compile(*known) if known else self.compile(pattern, flags)

    def __enter__(self):
        sys.meta_path.insert(0, self)
        _import_later("traceback")  # the client and logging import it for errors: three milliseconds of most cold starts
        from re import _compiler
        self.compiler, self.compile, _compiler.compile = _compiler, _compiler.compile, self._compiled

    def __exit__(self, *_):
        sys.meta_path.remove(self)
        self.compiler.compile = self.compile
        for loader in self.loaders:
            del loader.get_code


import site  # noqa: E402  (for exit and quit, which -S leaves out)

site.setquit()

with _Prepared():
    from awslambdaric import bootstrap
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

gc.freeze()
gc.enable()
bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
