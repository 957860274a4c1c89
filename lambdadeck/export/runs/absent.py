"""Stand-ins for libraries that a page cannot hold: they can be imported, and say so when used."""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

LIBRARIES = ("fcntl", "httptools", "ipywidgets", "matplotlib", "psutil", "pwd", "resource")
OURS = ("lambdadeck.figures", "lambdadeck.panel")  # they draw, and are of no use without


class AbsentError(ImportError):
    """A library was used that the page does not hold."""


class Absent(ModuleType):
    """A library, or a name in it."""

    def __getattr__(self, name: str) -> "Absent":
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.__name__}.{name}")

    def __call__(self, *_: object, **__: object) -> Any:
        raise AbsentError(
            f"This page does not hold {self.__name__}: run the cell in the notebook, by "
            "scripts/present."
        )

    def __getitem__(self, _: object) -> "Absent":
        return self

    def __or__(self, _: object) -> Any:
        return self

    __ror__ = __or__


class _Finder(MetaPathFinder, Loader):
    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        known = any(f"{name}.".startswith(f"{one}.") for one in self._names)
        return ModuleSpec(name, self, is_package=True) if known else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Absent(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...


def install() -> None:
    """Find the stand-ins in place of the libraries; numpy has none: our packages do without."""
    sys.meta_path.insert(0, _Finder((*LIBRARIES, *OURS)))
