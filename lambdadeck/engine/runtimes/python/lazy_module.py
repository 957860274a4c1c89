"""Load a module on first use.

The client imports traceback for errors, which most starts do not have; reading it takes 3 ms.
"""

import _thread
import sys

MYPY = False
if MYPY:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any
else:
    ModuleType = type(sys)


class LazyModule(ModuleType):
    """A module until its first use; one thread loads it while the others wait."""

    lock = _thread.RLock()
    unread: "dict[LazyModule, Any]" = {}  # noqa: RUF012  # typing takes a millisecond

    def __getattribute__(self, name: str) -> "Any":
        if name not in ("__class__", "__dict__", "__loader__", "__name__", "__spec__"):
            with LazyModule.lock:
                loader = LazyModule.unread.pop(self, None)
                if loader:
                    loader.exec_module(self)
                    self.__class__ = ModuleType  # type: ignore[assignment]  # its base class
        return ModuleType.__getattribute__(self, name)


def import_later(spec: "ModuleSpec") -> None:
    """Make importing this module cost nothing."""
    module = sys.modules[spec.name] = LazyModule(spec.name)
    module.__dict__.update(
        __spec__=spec,
        __loader__=spec.loader,
        __file__=spec.origin,
        __cached__=spec.cached,
        __package__=spec.parent,
    )
    LazyModule.unread[module] = spec.loader
