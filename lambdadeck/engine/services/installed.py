"""ministack as it is installed: its modules, and the function that the engine replaces."""

import importlib
import inspect
from typing import Any

SEAM = ("func", "config", "event", "request_id", "started")


class MinistackVersionError(RuntimeError):
    """ministack is not the version that this engine was built for."""


def load(name: str) -> Any:
    """Import a module of ministack, such as "services.sqs"."""
    return importlib.import_module(f"ministack.{name}")


def check_seam(module: Any) -> None:
    """Raise MinistackVersionError unless `module` has the function that the engine replaces."""
    seam = getattr(module, "_execute_function_dispatch", None)
    if seam is None or tuple(inspect.signature(seam).parameters) != SEAM:
        raise MinistackVersionError(
            "ministack runs functions another way than this engine knows: install the version that "
            "requirements.txt pins."
        )
