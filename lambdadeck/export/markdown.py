"""Render markdown cells as HTML with inline pictures and MathML formulas."""

import base64
import html
import mimetypes
import re
from pathlib import Path
from typing import ClassVar

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, MathInlineParser

from lambdadeck.notebook.errors import NotebookError

_MATH = r"(?=\S)(?P<math_inline_tex>(?:[^$\\]|\\[\s\S])+?)(?<=\S)"


class _Inline(MathInlineParser):
    """nbconvert's parser, but two prices are no formula: pandoc's rule for dollar signs."""

    SPECIFICATION: ClassVar[dict[str, str]] = {
        **MathInlineParser.SPECIFICATION,
        "inline_math_tex": rf"(?<![$\\])\${_MATH}\$(?![$\d])",
    }


class Renderer(IPythonRenderer):
    """nbconvert's renderer without anchor links, linked pictures and TeX."""

    def __init__(self, folder: Path, attachments: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=attachments)
        self.folder = folder

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def block_math(self, body: str) -> str:
        return f"<p>{mathml(body, display='block')}</p>"

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")

    def block_html(self, html: str) -> str:
        source = r'(<img\b[^>]*?\bsrc=")([^"]+)'
        return re.sub(source, lambda found: found[1] + self.picture(found[2]), html)

    inline_html = block_html

    def image(self, text: str, url: str, title: str | None = None) -> str:
        titled = f' title="{html.escape(title)}"' if title else ""
        return f'<img src="{self.picture(url)}" alt="{html.escape(text)}"{titled}>'

    def picture(self, url: str) -> str:
        """Return a picture's data: URL; NotebookError if it is missing or not a picture."""
        if url.startswith(("data:", "attachment:")):
            return str(self._embed_image_or_attachment(url))
        if re.match(r"[a-z][a-z0-9+.-]*:|//", url, re.IGNORECASE):
            problem = f"The picture {url} is on the network, but the page must work offline"
            raise NotebookError(f"{problem}: put it into assets/images.")
        return data_url(self.folder / url)


def rendered(
    source: str, folder: Path, attachments: dict[str, dict[str, str]] | None = None
) -> str:
    """Render markdown; picture paths are relative to `folder`; NotebookError if that fails."""
    renderer = Renderer(folder, attachments or {})
    parser = MarkdownWithMath(renderer=renderer, inline=_Inline(hard_wrap=False))
    return parser.render(source).strip()


def data_url(path: Path) -> str:
    """Return a picture file as a data: URL; NotebookError if it is missing or not a picture."""
    kind = mimetypes.guess_type(path.name)[0] or ""
    if not kind.startswith("image/"):
        problem = f"{path.name} is not a picture that a page can show"
        raise NotebookError(f"{problem}: use SVG, PNG, JPEG or WebP.")
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = f"The picture {path.name} cannot be read ({error.strerror})"
        raise NotebookError(f"{problem}: check its path.") from error
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def mathml(tex: str, display: str = "inline") -> str:
    """Convert a TeX formula to MathML; NotebookError if it is invalid."""
    # Imported here: takes 0.1 s, and most notebooks have no formula.
    from latex2mathml.converter import convert

    try:
        return str(convert(tex.strip(), display=display))
    except Exception as error:  # the converter raises many types for an invalid formula
        why = str(error) or type(error).__name__
        raise NotebookError(f"The formula {tex!r} cannot be turned into MathML: {why}.") from error
