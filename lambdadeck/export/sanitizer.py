"""Keep of foreign markup what can neither run, fetch, navigate, nor reach beyond its place.

One allow-list of elements, attributes and styles for all that notebooks bring into a page: outputs,
markdown, formulas and recordings. bleach parses as browsers do (HTML5) and writes what it kept.
"""

import re
from functools import cache

from bleach.css_sanitizer import CSSSanitizer  # type: ignore[import-untyped]  # bleach has no types
from bleach.sanitizer import Cleaner  # type: ignore[import-untyped]

_FORMS = ("fieldset", "input", "label", "legend")  # of a quiz
_TAGS = """a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt
    em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre progress q s samp
    small span strong sub summary sup table tbody td tfoot th thead time tr u ul var"""
_MATHML = """math annotation menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded
    mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr
    munder munderover none semantics"""
_ATTRIBUTES = """class style title role scope align colspan rowspan alt width height lang dir start
    tabindex open max value datetime"""
_MATHML_ATTRIBUTES = """accent columnalign depth display displaystyle fence form height linebreak
    linethickness lspace mathvariant maxsize minsize notation rowspacing columnspacing rspace
    scriptlevel separator stretchy symmetric voffset width movablelimits accentunder"""
_STYLES = """background background-color border border-collapse border-left border-radius
    clear color display float font-family font-size font-style font-variant-numeric font-weight
    gap grid-column grid-template-columns height line-height list-style list-style-position margin
    margin-left margin-right margin-top margin-bottom max-width min-width opacity outline
    outline-offset overflow-wrap overflow-x padding padding-left padding-right text-align
    text-decoration vertical-align white-space width word-break"""
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+")
_LINK = re.compile(r"https?://[^\s]*|mailto:[^\s]*|#[\w-]*|[\w-][\w./-]*(?:#[\w-]*)?")
_QUIZ = re.compile(r"quiz-[\w-]+")  # the only ids: others could take those of the page
_SHEET = re.compile(r"<style>([^<>@\\]*(?:>[^<>@\\]*)*)</style>")
_RULE = re.compile(r"\s*([^{}]+)\{([^{}]*)\}\s*")
_FETCHING = r"url|image|src|element|expression|\\"  # an escape could spell any of them
_COMMA = re.compile(r",(?![^(]*\))")  # between selectors, not inside :is(…)


def clean(markup: str, *, with_quiz: bool = True) -> str:
    """Return the markup with everything removed that is not on the list; text stays, escaped."""
    if not with_quiz:
        return str(_cleaner(()).clean(markup))
    sheets = "".join(f"<style>{found[1]}</style>" for found in _quiz_sheets(markup))
    rest = _SHEET.sub(lambda found: "" if _is_of_quiz(found[1]) else found[0], markup)
    return sheets + str(_cleaner(_FORMS).clean(rest))


def _quiz_sheets(markup: str) -> list[re.Match[str]]:
    return [found for found in _SHEET.finditer(markup) if _is_of_quiz(found[1])]


def _is_of_quiz(sheet: str) -> bool:
    """Return whether each rule of a style sheet reaches into a quiz alone, and fetches nothing."""
    rules = _RULE.findall(sheet)
    selectors = [part.strip() for names, _ in rules for part in _COMMA.split(names)]
    return (
        bool(rules)
        and not _RULE.sub("", sheet).strip()
        and all(selector.startswith("#quiz-") for selector in selectors)
        and not re.search(
            r"(?i)url|image|expression|(?<![\w-])position|/\*|\+|~(?! details)", sheet
        )
    )


class _Styles(CSSSanitizer):  # type: ignore[misc]  # bleach has no types
    def sanitize_css(self, style: str) -> str:
        """Drop a style attribute that could fetch something: some properties take pictures."""
        return "" if re.search(rf"(?i){_FETCHING}", style) else str(super().sanitize_css(style))


@cache
def _cleaner(forms: tuple[str, ...]) -> Cleaner:
    styles = _Styles(_STYLES.split())
    tags = _TAGS.split() + _MATHML.split() + list(forms)
    protocols = {"https", "http", "mailto", "data"}
    return Cleaner(tags, _allowed, protocols=protocols, css_sanitizer=styles, strip=True)


def _allowed(tag: str, name: str, value: str) -> bool:
    match tag, name:
        case "img", "src":
            return bool(_PICTURE.fullmatch(value))
        case "a", "href":
            return bool(_LINK.fullmatch(value))
        case "input", "type":
            return value == "radio"
        case ("input" | "fieldset", "id") | ("input", "name") | ("label", "for"):
            return bool(_QUIZ.fullmatch(value))
    if tag in _MATHML.split():
        return name in _MATHML_ATTRIBUTES.split()
    return name in _ATTRIBUTES.split() or name.startswith("aria-")
