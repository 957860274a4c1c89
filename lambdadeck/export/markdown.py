"""Markdown cells as HTML: pictures inside the page, formulas as MathML, code in our colours."""

from __future__ import annotations

import base64
import html
import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from lambdadeck.notebook.errors import NotebookError


class Renderer(IPythonRenderer):
    """nbconvert's own renderer without anchor links, without links to pictures, and without TeX left for a script."""

    def __init__(self, folder: Path, attachments: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=dict(attachments))
        self.folder = folder

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def block_math(self, body: str) -> str:
        return f"<p>{mathml(body, display='block')}</p>"

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def block_html(self, html: str) -> str:
        return self._with_pictures(html)

    def inline_html(self, html: str) -> str:
        return self._with_pictures(html)

    def _with_pictures(self, text: str) -> str:
        return re.sub(
            r'(<img\b[^>]*?\bsrc=")([^"]+)', lambda found: found[1] + self._picture(found[2]), text
        )

    def image(self, text: str, url: str, title: str | None = None) -> str:
        titled = f' title="{html.escape(title)}"' if title else ""
        return f'<img src="{self._picture(url)}" alt="{html.escape(text)}"{titled}>'

    def _picture(self, url: str) -> str:
        if url.startswith(("data:", "attachment:")):
            return str(self._embed_image_or_attachment(url))
        if re.match(r"[a-z][a-z0-9+.-]*:|//", url, re.IGNORECASE):
            raise NotebookError(
                f"The picture {url} is elsewhere, and the page must work offline: put it into assets/images."
            )
        return data_url(self.folder / url)


def rendered(
    source: str, folder: Path, attachments: Mapping[str, Mapping[str, str]] | None = None
) -> str:
    """A markdown cell as HTML; picture paths are relative to `folder`. NotebookError for what cannot be shown."""
    return MarkdownWithMath(renderer=Renderer(folder, attachments or {})).render(source).strip()


def data_url(path: Path) -> str:
    """A picture file as a data: address; NotebookError when it is not there or no picture."""
    kind = mimetypes.guess_type(path.name)[0] or ""
    if not kind.startswith("image/"):
        raise NotebookError(
            f"{path.name} is no picture that a page can show; use SVG, PNG, JPEG or WebP."
        )
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise NotebookError(
            f"The picture {path.name} cannot be read ({problem.strerror}); is its path right?"
        ) from problem
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def mathml(tex: str, display: str = "inline") -> str:
    """A formula as MathML, which browsers show without a script; NotebookError when it cannot be read."""
    # Only here: most notebooks hold no formula, and the import takes a tenth of a second.
    from latex2mathml.converter import convert

    try:
        return str(convert(tex.strip(), display=display))
    except Exception as problem:  # the converter raises many kinds, all of them about the formula
        raise NotebookError(
            f"The formula {tex!r} cannot be turned into MathML: {problem}"
        ) from problem
