"""Check HTML for a page that works offline, runs no foreign script and is accessible."""

from html.parser import HTMLParser

from lambdadeck.notebook.errors import NotebookError

_FORBIDDEN = {
    "script": "holds a script, which the page does not run",
    "iframe": "holds another page in a frame, which the page does not load",
    "object": "embeds an object, which the page does not load",
    "embed": "embeds an object, which the page does not load",
    "link": "links a style sheet or another resource, which the page does not load",
    "base": "changes what addresses mean (<base>)",
    "meta": "holds a <meta> element, which belongs to the page",
}
_FETCHING = ("src", "srcset", "poster", "background", "data")


def check(markup: str) -> None:
    """Raise NotebookError for scripts, network requests, handlers and pictures without alt text."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()


def alternative(text: str | None) -> str:
    """Return a picture's alternative text; NotebookError if missing."""
    if text and text.strip():
        return text
    raise NotebookError(
        "a picture has no alternative text. In markdown: ![what it shows](picture); "
        'in a figure: its alt; with display: metadata={"image/png": {"alt": "what it shows"}}.'
    )


class _Reader(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _FORBIDDEN and not (tag == "script" and values.get("type") == "application/json"):
            raise NotebookError(f"it {_FORBIDDEN[tag]}. Show it as a figure, a table or text.")
        self._attributes(tag, values)
        if tag == "img":
            alternative(values.get("alt"))

    def _attributes(self, tag: str, values: dict[str, str]) -> None:
        for name, value in values.items():
            if name.startswith("on"):
                raise NotebookError(
                    f"<{tag} {name}=…> is a script, which the page does not run. Omit it."
                )
            if name in _FETCHING and value and not value.startswith("data:"):
                problem = f"<{tag} {name}={value!r}> would be fetched"
                raise NotebookError(f"{problem}, but the page must work offline.")
