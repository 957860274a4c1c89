"""Start Jupyter for the deck: loopback only, a token, RISE, no settings of the machine."""

import html
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from lambdadeck.notebook.environment import environment
from lambdadeck.shared import files
from lambdadeck.shared.paths import DECK, ROOT

NOTEBOOK = DECK.relative_to(ROOT).as_posix()
PRELOADED = ("boto3", "lambdadeck.functions", "lambdadeck.panel", "lambdadeck.triggers")
OURS = "lambdadeck.stage.server_extension"
# Jupyter would load all of these; a terminal, for example, is one more thing to attack.
KNOWN = (
    "nbclassic",
    OURS,
    "jupyterlab",
    "jupyterlab_rise",
    "notebook",
    "jupyter_lsp",
    "jupyter_server_terminals",
)
# JupyterLab loads all that it finds, and those for Notebook 7 and for formulas are not for slides.
LABEXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "jupyterlab-rise", "jupyterlab_pygments")
SOCKET = "kernel-01234567-0123-0123-0123-0123456789ab-ipc-10"
SOCKET_LIMIT = 103  # bytes that the path of a socket may have on macOS; Linux allows 107


@dataclass(frozen=True)
class Variant:
    """A way to show the deck: Jupyter's extensions, settings and paths."""

    extensions: frozenset[str]
    settings: Mapping[str, object]
    slides: str
    labs: str | None = None


CLASSIC = Variant(
    frozenset({"nbclassic", OURS}),
    # "$0.20 … $0.0000166667" on a slide are prices, not a formula.
    {"NotebookApp.enable_mathjax": False},
    "nbclassic/notebooks",
)
LAB = Variant(
    frozenset({"jupyterlab", "jupyterlab_rise", OURS}),
    {  # No news, updates or extension catalog from the network.
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "LabApp.lock_all_plugins": True,
    },
    "rise",
    # The file browser beside lab 1 shows the other labs; JupyterLab's own start page does not.
    "lab/tree/notebooks/1-under-the-hood.ipynb",
)


def command(root: Path, port: int, folder: Path, variant: Variant = CLASSIC) -> list[str]:
    """Return the command line of a Jupyter server on this port, without secrets: `ps` shows it."""
    settings = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": root,
        "ServerApp.contents_manager_class": "lambdadeck.stage.contents.Contents",
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "ServerApp.quit_button": False,
        "ServerApp.terminals_enabled": False,
        "ServerApp.jpserver_extensions": {name: name in variant.extensions for name in KNOWN},
        "ServerApp.log_level": "WARN",
        "KernelManager.shutdown_wait_time": 1,  # seconds for a busy kernel when the talk ends
        # Files of this user, not TCP: other users of the machine could connect to TCP ports.
        "KernelManager.transport": "ipc",
        **variant.settings,
    }
    flags = [f"--{name}={value}" for name, value in settings.items()]
    if variant.labs:  # only the project's and its .venv's extensions: the machine's may not fit
        path = folder / "labextensions"
        flags += [f"--{app}.labextensions_path={path}" for app in ("LabApp", "RiseApp")]
    return [sys.executable, "-m", "jupyter_server", *flags]


def start(
    root: Path,
    port: int,
    token: str,
    folder: Path,
    *added: Mapping[str, str],
    variant: Variant = CLASSIC,
) -> subprocess.Popen[bytes]:
    """Start Jupyter in its own session, out of reach of Ctrl-C; `folder` must be private."""
    files.replace(folder / "token", token.encode())
    short = {"JUPYTER_RUNTIME_DIR": str(runtime(folder))}
    # Our style hides nbclassic's banner; with show_banner=False the page's own script would fail.
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "custom").unlink(missing_ok=True)
    (folder / "config" / "custom").symlink_to(root / "assets" / "jupyter" / "custom")
    _link_labextensions(root, folder / "labextensions")
    with open(folder / "jupyter.log", "wb") as log:
        return subprocess.Popen(
            command(root, port, folder, variant),
            cwd=root,
            env=environment(os.environ, root, folder, short, *added),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _link_labextensions(root: Path, folder: Path) -> None:
    """Gather the extensions that JupyterLab may load; a second call changes nothing."""
    theirs = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    found = {name: theirs / name for name in LABEXTENSIONS}
    found["lambdadeck-stage"] = root / "assets/jupyter/labextensions/lambdadeck-stage"
    for name, target in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target)


def runtime(folder: Path) -> Path:
    """Return the private folder of the kernels' sockets: in `folder`, or elsewhere if it is long.

    A second call returns the same. Who removes `folder` removes this one, too.
    """
    inside = folder / "runtime"
    if not inside.exists():
        if len(str(inside / SOCKET)) <= SOCKET_LIMIT:
            inside.mkdir(mode=0o700)
        else:
            inside.symlink_to(tempfile.mkdtemp(prefix="ld-", dir="/tmp"))
    return inside.readlink() if inside.is_symlink() else inside


def port_was_taken(port: int, folder: Path) -> bool:
    """Return whether the Jupyter started in `folder` exited because its port was taken.

    Jupyter checks the port before it listens; each of the two fails with its own message.
    """
    log = (folder / "jupyter.log").read_text(errors="replace")
    return f"port {port} is not available" in log or f"port {port} is already in use" in log


def deck_url(port: int, token: str, notebook: str = NOTEBOOK, variant: Variant = CLASSIC) -> str:
    """Return the address of a notebook's slides, where RISE starts by itself."""
    return url(port, token, f"{variant.slides}/{notebook}")


def url(port: int, token: str, path: str) -> str:
    """Return an address of the Jupyter server that opens without logging in."""
    return f"http://127.0.0.1:{port}/{path}?token={token}"


def redirect_file(folder: Path, port: int, token: str, path: str) -> Path:
    """Write a private page that logs in and opens `path`, so that the token is in no address.

    A browser's command line, which `ps` shows to every user, then holds this file's name alone.
    """
    address = f"http://127.0.0.1:{port}/login?{urlencode({'next': '/' + path, 'token': token})}"
    content = html.escape(f"0;url={address}")
    page = (
        f'<!DOCTYPE html>\n<meta http-equiv="refresh" content="{content}">\n<title>Opening</title>'
    )
    files.replace(folder / "open.html", page.encode())
    return folder / "open.html"


def preload(folder: Path) -> None:
    """Make kernels of the server with this folder import at startup what the first cells need."""
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-preload.py").write_text(f"for _ in {PRELOADED}: __import__(_)\ndel _\n")
