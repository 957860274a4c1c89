"""A module that is read when something of it is asked for: the client imports traceback for errors, which most starts do not
have, and reading it takes three milliseconds.
"""

import _thread
import sys


class Later(type(sys)):
    """The module until then; read by one thread while the others wait."""

    lock, unread = _thread.RLock(), {}

    def __getattribute__(self, name):
        if name not in ("__class__", "__dict__", "__loader__", "__name__", "__spec__"):
            with Later.lock:
                loader = Later.unread.pop(self, None)
                if loader:
                    loader.exec_module(self)
                    self.__class__ = type(sys)
        return type(sys).__getattribute__(self, name)


def import_later(spec):
    """Make importing the module of that spec cost nothing."""
    module = sys.modules[spec.name] = Later(spec.name)
    module.__dict__.update(
        __spec__=spec,
        __loader__=spec.loader,
        __file__=spec.origin,
        __cached__=spec.cached,
        __package__=spec.parent,
    )
    Later.unread[module] = spec.loader
