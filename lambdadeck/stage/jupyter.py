"""Jupyter as the deck needs it: loopback, a token, RISE on nbclassic, none of the machine's own Jupyter settings."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lambdadeck.notebook.environment import environment
from lambdadeck.shared.paths import DECK, ROOT

NOTEBOOK = DECK.relative_to(ROOT).as_posix()
PRELOADED = ("boto3", "lambdadeck.functions", "lambdadeck.panel", "lambdadeck.triggers")


@dataclass(frozen=True)
class Variant:
    """One way to show the deck: what Jupyter loads for it, how that is set, where the slides are, and where the labs begin."""

    extensions: frozenset[str]
    settings: Mapping[str, object]
    slides: str
    labs: str | None = None


# Only what the deck uses is loaded; a terminal in the next tab is one more thing to attack, and slower to start.
OURS = "lambdadeck.stage.server_extension"
KNOWN = (
    "nbclassic",
    OURS,
    "jupyterlab",
    "jupyterlab_rise",
    "notebook",
    "jupyter_lsp",
    "jupyter_server_terminals",
)

CLASSIC = Variant(
    frozenset({"nbclassic", OURS}),
    {
        # "$0.20 … $0.0000166667" on a slide are prices, not a formula.
        "NotebookApp.enable_mathjax": False
    },
    "nbclassic/notebooks",
)
LAB = Variant(
    frozenset({"jupyterlab", "jupyterlab_rise", OURS}),
    {
        # Nothing is fetched from the network: no news, no updates, no catalogue of extensions.
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "LabApp.lock_all_plugins": True,
    },
    "rise",
    # JupyterLab by itself opens on an empty launcher; with the first lab, the others stand beside it in the file browser.
    "lab/tree/notebooks/1-glance-under-the-bonnet.ipynb",
)


def command(root: Path, port: int, variant: Variant = CLASSIC) -> list[str]:
    """The command line of a Jupyter server for the deck in root, on this port or not at all.

    It holds no secret: `ps` shows it to everybody.
    """
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,  # left to itself, Jupyter tries five in a row, then any around them
        "ServerApp.root_dir": root,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "ServerApp.quit_button": False,
        "ServerApp.terminals_enabled": False,
        "ServerApp.jpserver_extensions": {name: name in variant.extensions for name in KNOWN},
        "ServerApp.log_level": "WARN",
        # A kernel in the middle of a cell gets this many seconds to end when the talk ends.
        "KernelManager.shutdown_wait_time": 1,
        **variant.settings,
    }
    # Only the extensions of the project and of its .venv: those of the machine may not fit.
    extensions = [
        root / "assets" / "jupyter" / "labextensions",
        Path(sys.prefix) / "share" / "jupyter" / "labextensions",
    ]
    only = [
        f"--{app}.labextensions_path={path}"
        for app in ("LabApp", "RiseApp")
        for path in extensions
        if variant.labs
    ]
    return [
        sys.executable,
        "-m",
        "jupyter_server",
        *(f"--{name}={value}" for name, value in settings.items()),
        *only,
    ]


def start(
    root: Path,
    port: int,
    token: str,
    folder: Path,
    *added: Mapping[str, str],
    variant: Variant = CLASSIC,
) -> subprocess.Popen[bytes]:
    """A Jupyter server in a session of its own, so that Ctrl-C asks it nothing. folder is private to the caller."""
    with open(os.open(folder / "token", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(token)
    # Its style keeps nbclassic's banner away; show_banner=False would leave the page's own script without its button.
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "custom").unlink(missing_ok=True)
    (folder / "config" / "custom").symlink_to(root / "assets" / "jupyter" / "custom")
    with open(folder / "jupyter.log", "wb") as log:
        return subprocess.Popen(
            command(root, port, variant),
            cwd=root,
            env=environment(os.environ, root, folder, *added),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def missed(port: int, folder: Path) -> bool:
    """Whether the one that was started with this folder has ended because somebody else had the port."""
    return f"port {port} is not available" in (folder / "jupyter.log").read_text(errors="replace")


def deck_url(port: int, token: str, notebook: str = NOTEBOOK, variant: Variant = CLASSIC) -> str:
    """The address of a notebook's slides: where RISE starts by itself."""
    return url(port, token, f"{variant.slides}/{notebook}")


def url(port: int, token: str, path: str) -> str:
    """An address of the Jupyter server that opens without a question."""
    return f"http://127.0.0.1:{port}/{path}?token={token}"


def preload(folder: Path) -> None:
    """From now on a kernel of the server with this folder imports what the first cells need before it is asked."""
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-preload.py").write_text(f"for _ in {PRELOADED}: __import__(_)\ndel _\n")
