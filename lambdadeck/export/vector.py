"""A figure's SVG inside a page: safe, in the page's own font, with unique ids.

An allow-list rebuilds it, as a notebook may come from anywhere: no script, no link, no fetch.
"""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from lambdadeck.export.validation import alternative
from lambdadeck.notebook.errors import NotebookError

_ELEMENTS = re.compile(r"svg|g|defs|clipPath|pattern|path|rect|use|text|tspan|image")
_NUMBER = r"-?\d*\.?\d+(?:e-?\d+)?"
_NAME = r"[\w.-]+"
_VALUES = {
    **dict.fromkeys(("x", "y", "width", "height"), _NUMBER),
    "viewBox": rf"{_NUMBER}(?: {_NUMBER}){{3}}",
    "d": rf"(?:[MLHVCSQTAZmlhvcsqtaz\s,]|{_NUMBER})*",
    "transform": rf"(?:(?:matrix|translate|scale|rotate)\((?:[\s,]|{_NUMBER})*\)\s*)*",
    "id": _NAME,
    "patternUnits": "userSpaceOnUse",
    "clip-path": rf"url\(#{_NAME}\)",
    "href": rf"#{_NAME}|data:image/png;base64,[A-Za-z0-9+/=\s]+",
}
_STYLES = re.compile(
    r"opacity|(?:fill|stroke)(?:-opacity)?|fill-rule|font-(?:size|style|weight)|text-anchor"
    r"|stroke-(?:dasharray|dashoffset|linecap|linejoin|width)"
)
_PROBLEM = "its figure is not SVG. Run the cell again."
_DEEPEST = 50  # elements inside each other; matplotlib needs 8
_STYLE = re.compile(rf"[#\w .,%-]+|url\(#{_NAME}\)")


def inline(svg: str, number: int, title: str, description: str) -> str:
    """Return the SVG as markup for a page; `number` sets its ids apart from other figures' ids.

    NotebookError if it is not SVG or has no description.
    """
    words = {"title": title, "desc": alternative(description)}
    names = {name: f"figure-{number}-{name}" for name in words}
    root = _rebuilt(_parsed(svg), f"figure-{number}-")
    root.attrib |= {
        "role": "img",
        "aria-labelledby": names["title"],
        "aria-describedby": names["desc"],
    }
    for place, (name, text) in enumerate(words.items()):
        element = ET.Element(name, id=names[name])
        element.text = text
        root.insert(place, element)
    return ET.tostring(root, encoding="unicode")


def _parsed(svg: str) -> ET.Element:
    if "<!ENTITY" in svg:
        raise NotebookError(_PROBLEM)
    try:
        root = ET.fromstring(svg)
    except ET.ParseError as error:
        raise NotebookError(_PROBLEM) from error
    if _local(root.tag) != "svg" or "viewBox" not in root.attrib:
        raise NotebookError(_PROBLEM)
    return root


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]


def _rebuilt(element: ET.Element, prefix: str, depth: int = 0) -> ET.Element:
    """Return a copy with what is on the list, in shorter numbers."""
    if depth > _DEEPEST:
        raise NotebookError(_PROBLEM)
    copy = ET.Element(_local(element.tag), dict(_attributes(element, prefix)))
    copy.text, copy.tail = ((text or "").strip() for text in (element.text, element.tail))
    parts = (part for part in element if _ELEMENTS.fullmatch(_local(part.tag)))
    copy.extend([_rebuilt(part, prefix, depth + 1) for part in parts])
    return copy


def _attributes(element: ET.Element, prefix: str) -> Iterator[tuple[str, str]]:
    declared = [f"{name}:{value}" for name, value in element.items() if _STYLES.fullmatch(name)]
    if style := _styled(";".join([*declared, element.get("style", "")]), prefix):
        yield "style", style
    for full, value in element.items():
        name = _local(full)
        if name in _VALUES and re.fullmatch(_VALUES[name], value) and _is_wanted(element, name):
            yield name, _short(_own_ids(name, value, prefix))


def _is_wanted(element: ET.Element, name: str) -> bool:
    """Return whether the attribute says something: groups are named for people, a page scales."""
    is_svg = _local(element.tag) == "svg"
    return not (name == "id" and _local(element.tag) == "g") and not (is_svg and name != "viewBox")


def _own_ids(name: str, value: str, prefix: str) -> str:
    return prefix + value if name == "id" else value.replace("#", f"#{prefix}")


def _short(value: str) -> str:
    return value if value.startswith("data:") else re.sub(r"\d+\.\d+", _rounded, value)


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _styled(declarations: str, prefix: str) -> str:
    pairs = (one.partition(":")[::2] for one in declarations.split(";"))
    kept = ((name.strip(), value.strip()) for name, value in pairs)
    return ";".join(
        f"{name}:{value.replace('url(#', f'url(#{prefix}')}"
        for name, value in kept
        if _STYLES.fullmatch(name) and _STYLE.fullmatch(value)
    )
