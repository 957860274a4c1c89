"""The `deploy:` block of a .travis.yml, every key and value with its line; what is wrong with it, in a sentence."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.tokens import (
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
)

_EMPTY, _KINDS = (
    "tag:yaml.org,2002:null",
    {MappingNode: "a group of keys", SequenceNode: "a list", ScalarNode: "a value"},
)
_SAYINGS = (  # how PyYAML's words begin: what that means to who wrote the line
    ("found character '\\t'", "a tab indents this line; YAML wants spaces."),
    (
        "mapping values are not allowed",
        "a colon stands where no key can be: indent the line like its neighbours, "
        "or put a value that holds ': ' in quotes.",
    ),
    ("found unexpected end of stream", "a quotation begins here and never ends."),
    ("found undefined alias", "{0} is used, but nothing before it defines &{1}."),
    ("found character", "{0} cannot start a value: put the value in quotes."),
    (
        "found unknown escape character",
        "a backslash in double quotes begins an escape: use single quotes.",
    ),
    (
        "expected alphabetic or numeric",
        "& and * need a name right behind them: put the value in quotes.",
    ),
    (
        "expected a comment or a line break",
        "| and > end their line, and the text begins in the next: put the value in quotes.",
    ),
    (
        "expected chomping",
        "| and > end their line, and the text begins in the next: put the value in quotes.",
    ),
    ("could not find expected ':'", "a key without its colon: write it as `key: value`."),
    ("expected <block end>", "this line's indentation fits none of the lines above it."),
    ("expected ',' or", "two values in a bracket need a comma between them."),
    ("but found another document", "--- begins a second document; a .travis.yml is one."),
)


class BadTravisFile(ValueError):
    """The file cannot be carried out; the message says in which line, why, and what to do."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(f"Line {line}: {sentence}")
        self.line = line


@dataclass(frozen=True)
class Value:
    """A value as written, before variables are filled in, and its line: text, a list of values, or keys with values."""

    line: int
    text: str = ""
    items: tuple[Value, ...] | None = None
    fields: dict[str, Value] | None = None


@dataclass(frozen=True)
class Block:
    """One provider of `deploy:`: its name, the line it begins in, its keys in their order."""

    provider: str
    line: int
    fields: dict[str, Value] = field(repr=False)  # a secret may stand in it


def read(text: str) -> list[Block]:
    """The providers of `deploy:`, in their order; BadTravisFile for whatever is not one."""
    root = _root(text)
    fields = _value(root, "the file").fields
    if fields is None:
        raise BadTravisFile(
            _line(root), f"a .travis.yml is keys with values, and this is {_KINDS[type(root)]}."
        )
    if "deploy" not in fields:
        raise BadTravisFile(_line(root), "there is no deploy: here, so there is nothing to deploy.")
    given = fields["deploy"]
    return [_block(value) for value in (given.items if given.items is not None else (given,))]


def _block(value: Value) -> Block:
    if value.fields is None:
        written = f"{value.text!r}" if value.text else "not"
        raise BadTravisFile(
            value.line,
            f"a provider of deploy: is keys with values, and this is {written}. "
            "Begin with `provider: lambda`.",
        )
    provider = value.fields.get("provider")
    if provider is None or not provider.text:
        raise BadTravisFile(
            value.line, "provider is missing: say which, for example `provider: lambda`."
        )
    return Block(provider.text, value.line, value.fields)


def _root(text: str) -> Node:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadTravisFile(
            line, f"character {error.character!r} is not allowed in YAML: remove it."
        ) from None
    except yaml.MarkedYAMLError as error:
        raise _malformed(error, text) from None
    except RecursionError:
        raise BadTravisFile(1, "values are nested too deep to be a .travis.yml.") from None
    if root is None:
        raise BadTravisFile(1, "the file is empty: it needs at least deploy: and a provider.")
    return root


def _malformed(error: yaml.MarkedYAMLError, text: str) -> BadTravisFile:
    problem = error.problem or ""
    if isinstance(error, yaml.parser.ParserError) and (opened := _unclosed(text)):
        return BadTravisFile(opened, "a bracket opens here and never closes.")
    saying = next((words for start, words in _SAYINGS if problem.startswith(start)), None)
    begins = saying is not None and saying.startswith(
        ("a quotation", "a key without")
    )  # the mistake is where it begins
    mark = (error.context_mark if begins else None) or error.problem_mark or error.context_mark
    name = (re.findall(r"'([^']*)'", problem) or [""])[0]
    sentence = (
        saying.format(f"*{name}" if "alias" in problem else name, name)
        if saying
        else f"YAML does not allow this: {problem}."
    )
    return BadTravisFile(mark.line + 1 if mark else 1, sentence)


def _unclosed(text: str) -> int | None:
    """The line of the last bracket or brace that is never closed; None if each is."""
    opened: list[int] = []
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, (FlowSequenceStartToken, FlowMappingStartToken)):
                opened.append(token.start_mark.line + 1)
            elif isinstance(token, (FlowSequenceEndToken, FlowMappingEndToken)) and opened:
                opened.pop()
    except yaml.YAMLError:
        return (
            None  # further down there is a second mistake: the first one is told as YAML found it
        )
    return opened[-1] if opened else None


def _line(node: Node) -> int:
    return node.start_mark.line + 1


def _value(node: Node, name: str, above: tuple[int, ...] = ()) -> Value:
    """The node as a Value; `above` are the nodes around it, so that one that holds itself is noticed."""
    line = _line(node)
    if id(node) in above:
        raise BadTravisFile(
            line, f"{name} holds itself: an alias (*) stands inside its own anchor (&)."
        )
    around = (*above, id(node))
    if isinstance(node, MappingNode):
        return Value(
            line, fields={key: _value(value, key, around) for key, value in _pairs(node, name)}
        )
    if isinstance(node, SequenceNode):
        return Value(line, items=tuple(_value(item, name, around) for item in node.value))
    return Value(line, "" if node.tag == _EMPTY else node.value)


def _pairs(node: MappingNode, name: str) -> Iterator[tuple[str, Node]]:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, ScalarNode):
            raise BadTravisFile(
                _line(key), f"{name} has {_KINDS[type(key)]} where a key must stand."
            )
        if key.value in seen and key.value != "<<":
            raise BadTravisFile(
                _line(key), f"{key.value} stands twice, first in line {seen[key.value]}: keep one."
            )
        seen[key.value] = _line(key)
    _merge(node)
    yield from {
        key.value: value for key, value in node.value
    }.items()  # what is merged stands first: own keys win


def _merge(node: MappingNode) -> None:
    """Put what `<<: *anchor` stands for in its place."""
    try:
        SafeConstructor().flatten_mapping(node)
    except yaml.constructor.ConstructorError as error:
        raise BadTravisFile(
            _line(node), f"<< takes an anchored group of keys, such as *defaults: {error.problem}."
        ) from None


def known(name: str, names: Collection[str], line: int, what: str) -> None:
    """BadTravisFile, with the nearest of `names`, if `name` is none of them."""
    if name in names:
        return
    near = difflib.get_close_matches(name, names, 1, 0.6)
    hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(sorted(names))}."
    raise BadTravisFile(line, f"{name} is not {what}. {hint}")


def one_of(value: Value, name: str, meanings: Mapping[str, Meaning]) -> Meaning:
    """What the value means; BadTravisFile if it is none of the words of `meanings`."""
    if value.text in meanings:
        return meanings[value.text]
    written = f"is {value.text!r}" if value.text else "has no value"
    raise BadTravisFile(value.line, f"{name} {written}; it takes {' or '.join(meanings)}.")
