"""The environment variables of a Jupyter server and of its kernels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def environment(
    base: Mapping[str, str], root: Path, folder: Path, *added: Mapping[str, str]
) -> dict[str, str]:
    """What Jupyter and its kernels get: base without other clouds' and other Jupyters' settings, then added.

    A leftover AWS_PROFILE or AWS_ENDPOINT_URL_S3 would send a demo's calls elsewhere, a user's own Jupyter
    or IPython settings could switch RISE off, and MPLBACKEND would keep figures out of the slides.
    """
    kept = {
        name: value
        for name, value in base.items()
        if not name.startswith(("AWS_", "JUPYTER", "JPY_", "IPYTHON"))
    }
    kept.pop("MPLBACKEND", None)
    own = {
        "JUPYTER_PATH": str(root / "assets" / "jupyter"),
        "JUPYTER_CONFIG_PATH": str(root / "assets" / "jupyter"),
        "JUPYTER_TOKEN_FILE": str(folder / "token"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "TMPDIR": str(folder),
    }
    for more in added:
        own.update(more)
    return kept | own
