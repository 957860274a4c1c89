"""Link each term of notebooks/GLOSSARY.md where a lab uses it for the first time."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "GLOSSARY.md"
_TERM = re.compile(r"^## (.+)\n\n((?:.+\n)+)(?:\nAlso: (.+)\.\n)?", re.MULTILINE)
# What stays as it is: headings, code, links and pictures, tags.
_KEPT = re.compile(
    r"(^#[^\n]*$|^```.*?^```|`[^`]*`|!?\[[^\]]*\]\([^)]*\)|<[^>]+>)", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Term:
    """A heading of the glossary, its definition, and the other forms of the word."""

    name: str
    definition: str
    forms: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """Return the heading's anchor, as GitHub makes it."""
        return re.sub(r"[^\w -]", "", self.name.lower()).replace(" ", "-")

    @property
    def pattern(self) -> re.Pattern[str]:
        """Match the term as a word; words in small letters also begin a sentence."""
        words = sorted((self.name, *self.forms), key=len, reverse=True)
        said = "|".join(
            f"[{word[0]}{word[0].upper()}]{re.escape(word[1:])}" for word in words if word
        )
        return re.compile(rf"(?<![\w/.-])(?:{said})(?![\w/-])")

    def link(self, word: str) -> str:
        """Return a link that shows the definition when the pointer is over it."""
        shown = " ".join(self.definition.split()).replace('"', "'").replace("`", "")
        return f'[{word}]({FILE}#{self.anchor} "{shown}")'


def terms(text: str) -> tuple[Term, ...]:
    """Read the glossary; longer terms come first, since they may hold shorter ones."""
    found = [
        Term(name, words.strip(), tuple(forms.split(", ")) if forms else ())
        for name, words, forms in _TERM.findall(text)
    ]
    return tuple(sorted(found, key=lambda term: -len(term.name)))


def linked(cells: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Return the cells with a link at the first use of each term, if there is a glossary."""
    path = folder / FILE
    left = list(terms(path.read_text("utf-8"))) if path.exists() else []
    made = []
    for cell in cells:
        if cell["cell_type"] == "markdown" and not cell["id"].endswith("-solution"):
            source = "".join(cell["source"])
            for term in list(left):
                source, count = _linked(source, term)
                if count:
                    left.remove(term)
            cell = cell | {"source": source.splitlines(keepends=True)}
        made.append(cell)
    return made


def _linked(source: str, term: Term) -> tuple[str, int]:
    """Link the term's first use in a text; return the text, and 1 if there was one."""
    parts = _KEPT.split(source)
    for place in range(0, len(parts), 2):  # the others are kept
        parts[place], count = term.pattern.subn(lambda found: term.link(found[0]), parts[place], 1)
        if count:
            return "".join(parts), 1
    return source, 0
