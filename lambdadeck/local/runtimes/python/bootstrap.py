"""Starts Amazon's own runtime client, awslambdaric, on the function's handler.

Run with `-S` and absolute paths: what a function can import is its own code, its layers and what the runtime brings
(this folder's neighbours: awslambdaric, boto3 and theirs), not what happens to be installed around the engine.
"""

import gc

gc.disable()  # until the client stands: there is nothing to collect yet, and looking for it takes a millisecond

import _thread  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402

TASK_ROOT, RUNTIME_DIR, LAYERS = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.argv[1:] = []
if os.environ.get("LD_BIND_NOW") == "bootstrap":  # it was for the start; a function that sets it means another value
    del os.environ["LD_BIND_NOW"]
sys.path[:1] = [TASK_ROOT, *LAYERS, RUNTIME_DIR]
sys.path.append(__file__.replace("bootstrap.py", "pure"))  # last: for where awslambdaric has no native half (macOS)


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
    spec = sys.meta_path[-1].find_spec(name)
    if spec.origin.startswith(os.path.dirname(os.__file__)):
        module = sys.modules[name] = _Later(name)
        module.__dict__.update(__spec__=spec, __loader__=spec.loader, __file__=spec.origin, __package__=spec.parent)
        _Later.unread[module] = spec.loader


_import_later("traceback")  # the client and logging import it for errors: three milliseconds of most cold starts

import site  # noqa: E402  (for exit and quit, which -S leaves out)

site.setquit()

from awslambdaric import bootstrap  # noqa: E402
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: E402

gc.freeze()
gc.enable()
bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
