"""Read the provider in a .travis.yml, each value with its line; explain what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

GROUP, LIST, TEXT = "a group of keys", "a list", "a value"  # kinds of values
_SENTENCES = {  # PyYAML's problems; {0} is the character or name that they quote
    r"found character '\\t'": "a tab indents this line; YAML wants spaces.",
    "mapping values": "indent this line like its neighbors, or quote the value that holds ': '.",
    "found unexpected end": "a quotation begins here and never ends.",
    "found undefined alias": "*{0} is used, but nothing before it defines &{0}.",
    "found character": "{0} cannot start a value: put the value in quotes.",
    "found unknown escape": "a backslash in double quotes begins an escape: use single quotes.",
    "expected alphabetic": "& and * need a name right behind them: put the value in quotes.",
    "expected (a comment|chomp)": "| and > end their line: put the value in quotes.",
    "could not find expected ':'": "a key without its colon: write it as `key: value`.",
    "expected <block end>": "this line's indentation fits none of the lines above it.",
    "expected ',' or": "two values in a bracket need a comma between them.",
    "unclosed": "a bracket opens here and never closes, or lacks a comma.",
    "but found another": "--- begins a second document; a .travis.yml is one.",
}


class TravisFileError(ValueError):
    """The file cannot be carried out; the message says in which line, why, and what to do."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(f"Line {line}: {sentence}")
        self.line = line


@dataclass(frozen=True)
class Value:
    """A value as written, and its line: text, or a list (`items`), or a group (`fields`)."""

    line: int
    text: str = field(default="", repr=False)  # a secret may stand in it
    kind: str = TEXT
    items: tuple[Value, ...] = ()
    fields: dict[str, Value] = field(default_factory=dict)


def require(holds: object, line: int, sentence: str) -> None:
    """Raise TravisFileError if `holds` is false."""
    if not holds:
        raise TravisFileError(line, sentence)


def read(text: str) -> Value:
    """Return the one provider of `deploy:`; raise TravisFileError for any other text."""
    root = _root(text)
    group = "is keys with values, and this is"
    require(root.kind == GROUP, root.line, f"a .travis.yml {group} {root.kind}.")
    require("deploy" in root.fields, root.line, "there is no deploy: here: nothing to deploy.")
    provider, *more = root.fields["deploy"].items or (root.fields["deploy"],)
    group = f"{group} {repr(provider.text) if provider.text else 'not'}. Begin with"
    sentence = f"a provider of deploy: {group} `provider: lambda`."
    require(provider.kind == GROUP, provider.line, sentence)
    name = provider.fields.get("provider", Value(provider.line))
    sentence = "provider is missing or not supported here: write `provider: lambda`."
    require(name.text == "lambda", name.line, sentence)
    require(not more, [name, *more][-1].line, "a second provider is not supported here.")
    return provider


def _root(text: str) -> Value:
    try:
        loader = yaml.SafeLoader(text + "\n")
        if (root := loader.get_single_node()) is not None:
            return _value(root, "the file")
        raise TravisFileError(1, "the file is empty: it needs at least deploy: and a provider.")
    except yaml.reader.ReaderError as error:
        sentence = f"character {error.character!r} is not allowed in YAML: write UTF-8 without it."
        raise TravisFileError(text.count("\n", 0, error.position) + 1, sentence) from None
    except yaml.MarkedYAMLError as error:
        raise _malformed(error, loader.marks[-1] if loader.marks else None, text) from None
    except RecursionError:
        sentence = "values are nested too deep, or one holds itself: *name stands inside &name."
        raise TravisFileError(1, sentence) from None


def _malformed(error: yaml.MarkedYAMLError, opened: yaml.Mark | None, text: str) -> TravisFileError:
    problem, mark = error.problem or "", error.problem_mark or error.context_mark
    if opened and mark and mark.line > opened.line and text[opened.index] in "[{":
        problem, mark = "unclosed", opened
    if problem.startswith(("found unexpected end", "could not find")):
        mark = error.context_mark or mark  # the mistake is where the value begins
    known = (words for start, words in _SENTENCES.items() if re.match(start, problem))
    name = "".join(re.findall(r"'([^']*)'", problem)[:1])
    sentence = next(known, "YAML does not allow this: {1}.").format(name, problem)
    return TravisFileError(mark.line + 1 if mark else 1, sentence)


def _value(node: yaml.Node, name: str) -> Value:
    line, fields, lines = node.start_mark.line + 1, dict[str, Value](), dict[str, int]()
    if isinstance(node, yaml.ScalarNode):
        return Value(line, "" if node.tag.endswith(":null") else node.value)
    if isinstance(node, yaml.SequenceNode):
        return Value(line, kind=LIST, items=tuple(_value(item, name) for item in node.value))
    for key, value in ((_value(key, name), value) for key, value in node.value):
        require(key.kind == TEXT, key.line, f"{name} has {key.kind} where a key must stand.")
        sentence = f"{key.text} stands twice, first in line {lines.get(key.text)}: keep one."
        require(key.text not in fields, key.line, sentence)
        fields[key.text], lines[key.text] = _value(value, key.text), key.line
    return Value(line, kind=GROUP, fields=fields)
