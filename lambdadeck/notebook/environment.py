"""The environment variables of a Jupyter server and of its kernels."""

from collections.abc import Mapping
from pathlib import Path

# AWS_PROFILE would send a demo's calls elsewhere, the user's own Jupyter settings could switch RISE
# off, and MPLBACKEND would keep figures off the slides.
REMOVED = ("AWS_", "JUPYTER", "JPY_", "IPYTHON", "MPLBACKEND")


def environment(
    base: Mapping[str, str], root: Path, folder: Path, *added: Mapping[str, str]
) -> dict[str, str]:
    """Return `base` without foreign settings, plus ours in `folder`, plus `added`."""
    kept = {name: value for name, value in base.items() if not name.startswith(REMOVED)}
    assets = str(root / "assets" / "jupyter")
    own = {"JUPYTER_PATH": assets, "JUPYTER_CONFIG_PATH": assets, "TMPDIR": str(folder)} | {
        name: str(folder / part)
        for name, part in (
            ("JUPYTER_TOKEN_FILE", "token"),
            ("JUPYTER_CONFIG_DIR", "config"),
            ("JUPYTER_DATA_DIR", "data"),
            ("JUPYTER_RUNTIME_DIR", "runtime"),
            ("IPYTHONDIR", "ipython"),
        )
    }
    for more in added:
        own.update(more)
    return kept | own
