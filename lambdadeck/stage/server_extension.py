"""Extend Jupyter's server: recordings, the talk, the AWS strip, pictures, saving stripped."""

import asyncio
import datetime as dt
import json
import logging
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.utils import url_escape, url_path_join
from tornado import web

from lambdadeck.cloud import options
from lambdadeck.shared import state
from lambdadeck.stage import occasion

CONSOLE = "assets/jupyter/stage/console.html"


class RecordingsHandler(APIHandler):
    """GET lambdadeck/recordings/NOTEBOOK: recordings.page_data of the notebook."""

    auth_resource = "contents"

    def initialize(self, root: Path) -> None:
        """Keep the folder that notebook paths start from."""
        super().initialize()
        self.root = root

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        """Answer from a thread: the first import takes long, and the deck is loading meanwhile."""
        self.finish(json.dumps(await asyncio.to_thread(_page_data, self.root / path)))


def _page_data(notebook: Path) -> dict[str, dict[str, str]]:
    from lambdadeck.stage import recordings

    return recordings.page_data(notebook)


class TalkHandler(APIHandler):
    """GET and PUT lambdadeck/talk/NOTEBOOK: what talk.Talk keeps of the notebook's talk."""

    auth_resource = "contents"

    def initialize(self, talks: dict[str, Any]) -> None:
        """Keep the talks, by notebook."""
        super().initialize()
        self.talks = talks

    @web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        """Answer with the occasion and all that is kept."""
        kept = self.talks[path].page_data() if path in self.talks else {}
        self.finish(json.dumps(occasion.page_data(state.folder(), dt.date.today()) | kept))

    @web.authenticated
    @authorized
    async def put(self, path: str) -> None:
        """Take over a change, in a thread: the first import takes long."""
        try:
            await asyncio.to_thread(_change, self.talks, path, self.get_json_body() or {})
        except (ValueError, TypeError, KeyError, AttributeError, ArgumentTypeError) as error:
            raise web.HTTPError(400, f"Not a change of a talk: {error}") from error
        self.finish()


def _change(talks: dict[str, Any], path: str, change: dict[str, Any]) -> None:
    from lambdadeck.stage.talk import Talk

    talks.setdefault(path, Talk()).change(change)


class ConsoleHandler(JupyterHandler):
    """GET lambdadeck/console: the presenter's console, a page of its own."""

    def initialize(self, page: Path) -> None:
        """Keep the file."""
        super().initialize()
        self.page = page

    @web.authenticated
    async def get(self) -> None:
        """Answer with the page; Jupyter's own files may not use scripts and storage."""
        self.finish(self.page.read_text(encoding="utf-8").replace("BASE/", self.base_url))


class CloudHandler(APIHandler):
    """GET lambdadeck/cloud.css: the strip that says AWS; empty if LOCAL."""

    auth_resource = "contents"

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer from a thread: the colors come with matplotlib."""
        css = await asyncio.to_thread(options.strip)
        self.finish(css, set_content_type="text/css; charset=utf-8")


class BesideNotebookHandler(JupyterHandler):
    """GET nbclassic/notebooks/PICTURE: redirect to the file.

    nbclassic redirects, too, but renders a notebook page first, which takes seconds.
    """

    @web.authenticated
    async def get(self, path: str) -> None:
        """Redirect to the file."""
        self.redirect(url_path_join(self.base_url, "files", url_escape(path)))


def add_handlers(app: Any) -> None:
    """Add our handlers to a Jupyter server."""
    handlers: list[tuple[str, type[JupyterHandler], dict[str, Any]]] = [
        (r"/lambdadeck/talk/(.+\.ipynb)", TalkHandler, {"talks": {}}),
        (r"/lambdadeck/recordings/(.+\.ipynb)", RecordingsHandler, {"root": Path(app.root_dir)}),
        (r"/lambdadeck/console", ConsoleHandler, {"page": Path(app.root_dir) / CONSOLE}),
        (r"/lambdadeck/cloud\.css", CloudHandler, {}),
        (r"/nbclassic/notebooks/(.+\.(?:svg|png|css))", BesideNotebookHandler, {}),
    ]
    found = [(url_path_join(app.base_url, path), *more) for path, *more in handlers]
    app.web_app.add_handlers(".*$", found)


def without_outputs(model: dict[str, Any], **_: object) -> None:
    """Drop outputs and other traces of running before a notebook other than a lab is saved.

    nbclassic saves every two minutes; without this hook, a talk would end up in the next commit.
    A lab keeps what its learner has seen.
    """
    if model["type"] != "notebook" or model.get("content") is None:
        return
    if any("lesson.start(" in "".join(cell["source"]) for cell in model["content"]["cells"]):
        return
    language = model["content"]["metadata"].get("language_info", {})
    for trace in ("codemirror_mode", "nbconvert_exporter", "pygments_lexer", "version"):
        language.pop(trace, None)  # this machine's Python
    for cell in model["content"]["cells"]:
        for trace in ("collapsed", "scrolled", "trusted"):
            cell["metadata"].pop(trace, None)
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(app: Any) -> None:
    app.contents_manager.register_pre_save_hook(without_outputs)
    add_handlers(app)
    keep_out_of_logs(app.identity_provider.token)


def keep_out_of_logs(secret: str) -> None:
    """Redact the secret from all later log records; Jupyter itself does so in most only."""
    make = logging.getLogRecordFactory()

    def redacted(part: object) -> object:
        return part.replace(secret, "[secret]") if isinstance(part, str) else part

    def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        made = make(*args, **kwargs)
        made.msg = redacted(made.msg)
        if isinstance(made.args, tuple):
            made.args = tuple(redacted(part) for part in made.args)
        return made

    logging.setLogRecordFactory(record)
