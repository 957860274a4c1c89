"""Compare an answer with the one recorded from AWS, leaf field by leaf field.

A recorded answer has tokens for what differs from account to account: <uuid:1> stands for any id,
but for the same one wherever it stands, and <uuid:2> is another one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

ANY = {"date", "datetime", "timestamp", "code-sha256", "event-id", "sender-id", "sent-timestamp"}
TOKEN = re.compile(r"<[A-Za-z_][A-Za-z0-9_-]*(?::[^<>]+)?>")
IGNORED = {"HTTPHeaders", "RequestId", "RetryAttempts", "HostId"}


class Leaf(NamedTuple):
    """One recorded field, the answer's, and whether they are equal."""

    path: str
    recorded: Any
    answered: Any
    equal: bool


@dataclass
class Comparison:
    """What the tokens of one case stand for."""

    account: str
    known: dict[str, str]  # tokens whose value is given, as <region>
    bound: dict[str, str] = field(default_factory=dict)

    def leaves(self, recorded: Any, answered: Any, path: str) -> Iterator[Leaf]:
        """Yield every leaf of the recorded answer."""
        if isinstance(recorded, (dict, list)) and isinstance(answered, str):
            answered = _parsed(answered)
        if isinstance(recorded, dict) and recorded:
            have = answered if isinstance(answered, dict) else {}
            for key, value in recorded.items():
                if key not in IGNORED:
                    yield from self.leaves(value, have.get(key, "(missing)"), f"{path}.{key}")
        elif isinstance(recorded, list) and recorded:
            items = answered if isinstance(answered, list) else []
            for number, value in enumerate(recorded):
                item = items[number] if number < len(items) else "(missing)"
                yield from self.leaves(value, item, f"{path}[{number}]")
        else:
            yield Leaf(path, recorded, answered, self._equal(recorded, answered))

    def _equal(self, recorded: Any, answered: Any) -> bool:
        if not isinstance(recorded, str):
            return bool(recorded == answered) and type(recorded) is type(answered)
        if recorded in ANY:
            return answered not in (None, "", "(missing)")
        if isinstance(answered, datetime):
            return TOKEN.fullmatch(recorded) is not None
        if answered is None or answered == "(missing)" or isinstance(answered, (dict, list)):
            return False
        return self._matches(recorded, str(answered))

    def _matches(self, recorded: str, answered: str) -> bool:
        pattern, new = "", list[str]()
        for literal, token in _parts(recorded):
            pattern += re.escape(literal.replace("1" * 12, self.account))
            if token in self.known or token in self.bound:
                pattern += re.escape(self.known.get(token) or self.bound[token])
            elif token in new:
                pattern += f"(?P=t{new.index(token)})"
            elif token:
                pattern += f"(?P<t{len(new)}>.+?)"
                new.append(token)
        found = re.fullmatch(pattern, answered, re.DOTALL)
        return found is not None and all(
            self._bind(token, found[f"t{number}"]) for number, token in enumerate(new)
        )

    def _bind(self, token: str, value: str) -> bool:
        """Let a token stand for a value; an id that another token has is not a new one."""
        ids = [held for name, held in self.bound.items() if name.startswith("<uuid:")]
        if token.startswith("<uuid:") and value in ids:
            return False
        if ":" in token:
            self.bound[token] = value
        return True


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield each stretch of text with the token that follows it, "" after the last one."""
    at = 0
    for found in TOKEN.finditer(text):
        yield text[at : found.start()], found[0]
        at = found.end()
    yield text[at:], ""
