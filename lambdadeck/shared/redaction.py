"""What must not be shown is not shown: keys, signatures, tokens become [secret], an account number its last four digits.

The one place of redaction. Everything that a cell shows passes it (see `install`), and so do exports, records and what
scripts print. Twelve digits are an account number in an ARN, in a URL, in quotes, after "account" or "owner", and where
they are the account in use; any other twelve digits are a figure and stay. In what is kept or sent round (`outputs`) this
machine's folders lose what they tell of their owner, too: the home is ~, the checkout and the virtual environment …/NAME.
"""

from __future__ import annotations

import os
import pwd
import re
import sys
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lambdadeck.shared import paths

SECRET = "[secret]"
EXAMPLES = frozenset(
    {"000000000000", "123456789012"}
)  # the embedded cloud's, and AWS's own in its documentation
_SHORTEST = 8  # a known value of fewer characters could be any word
_VARIABLES = re.compile(r"(?:SECRET|TOKEN|PASSWORD|ACCESS_KEY(?:_ID)?)$")

_ANSI = r"(?:\x1b\[[0-9;]*m)*"  # tracebacks are coloured
_COLOUR = r"(?:(?<=[\[;][0-9]m)|(?<=[\[;][0-9]{2}m)|(?<=[0-9]{3}m)"
_START = rf"{_COLOUR}|(?<![A-Za-z0-9]))"  # where a word begins, also right after a colour
_QUOTE = r"(?:\\?[\"']|&quot;|&#x27;|&#39;)?"
_EQUALS = rf"{_ANSI}{_QUOTE}{_ANSI}\s*(?:[:=]|=&gt;|=>)\s*{_ANSI}{_QUOTE}{_ANSI}"
_BESIDE = rf"{_ANSI}{_QUOTE}{_ANSI}(?:,?\s+|\s*</t[hd]>\s*<t[hd][^>]*>){_ANSI}{_QUOTE}{_ANSI}"
_NAMES = (
    r"(?:aws[_-]?)?secret(?:[_-]?access)?[_-]?key|(?:aws[_-]?)?se(?:ssion|curity)[_-]?token|x-amz-security-token"
    r"|(?:x-amz-)?signature|(?:id|access|refresh)[_-]?token|client[_-]?secret"
)
_VALUE = r"[A-Za-z0-9/+=_.%~-]"
_JWT = "[A-Za-z0-9_-]{8,}"
_NAMED = ("secret", "token", "signature")
# What has to be there for a rule to be tried (in small letters), the rule, and what it puts.
_RULES = tuple(
    (hints, re.compile(pattern, re.DOTALL), put)
    for hints, pattern, put in (
        # A private key, also one that was cut off.
        (
            ("private key",),
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
            SECRET,
        ),
        # name = value, as variables, JSON, headers and logs have it; beside each other, as tables and prints do.
        (_NAMED, rf"(?i)({_NAMES})({_EQUALS}){_VALUE}{{16,}}", rf"\1\2{SECRET}"),
        (_NAMED, rf"(?i)({_NAMES})({_BESIDE})(?={_VALUE}*[0-9]){_VALUE}{{16,}}", rf"\1\2{SECRET}"),
        (
            ("authorization",),
            rf"(?i)(authorization{_EQUALS}(?:bearer|basic|token) )[^\s\"'<>,\[]+",
            rf"\1{SECRET}",
        ),
        (
            ("token=", "accesskeyid="),
            r"(?i)([?&](?:token|x-amz-security-token|awsaccesskeyid)=)[^\s&\"'<>#\[]+",
            rf"\1{SECRET}",
        ),
        # What is known by its beginning: access keys, session tokens, JSON web tokens.
        (
            ("akia", "asia", "abia", "acca"),
            rf"{_START}(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{{16}}(?![A-Za-z0-9])",
            SECRET,
        ),
        (
            ("qojb3jpz2lux2vj", "gzxivyxdz"),
            rf"{_START}(?:IQoJb3JpZ2luX2Vj|F[wQ]oGZXIvYXdz)[A-Za-z0-9/+=_%-]{{16,}}",
            SECRET,
        ),
        (("eyj",), rf"{_START}eyJ{_JWT}\.eyJ{_JWT}\.{_JWT}", SECRET),
        # Forty characters of base64 with all that a secret key has in it: capitals, small letters, digits.
        (
            ("",),
            rf"{_COLOUR}|(?<![A-Za-z0-9/+]))(?=[a-z0-9/+]*[A-Z])(?=[A-Z0-9/+]*[a-z])(?=[A-Za-z/+]*[0-9])"
            r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])",
            SECRET,
        ),
    )
)
_TELLING = re.compile(rf"(?i)(?:{_NAMES}|account|owner)(?:[ _-]?(?:id|number))?$")
_TWELVE = re.compile(r"[0-9]{12}|[0-9]{4}-[0-9]{4}-[0-9]{4}")
_ACCOUNT = re.compile(
    r"(?P<before>arn:[a-z-]+:[a-z0-9-]*:[a-z0-9-]*:|//(?:[^\s/\"'<>]+/)?|\.amazonaws\.com/|(?<!=)[\"']|&quot;|&#x27;|&#39;"
    rf"|(?i:account|owner)(?i:[ _-]?(?:id|number|no\.?))?(?:{_EQUALS}|{_BESIDE}))"
    rf"(?P<number>{_TWELVE.pattern})(?![0-9A-Za-z]|[.,][0-9])"
)
_PICTURE = re.compile(r"(data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+)")
# The kernel's messages: those that hold a MIME bundle, and those that only repeat what the front end knows.
_DISPLAYING = ("display_data", "update_display_data", "execute_result", "inspect_reply")
_ECHOING = ("execute_input", "status", "kernel_info_reply", "comm_info_reply")
_known_secrets: set[str] = set()
_known_accounts: set[str] = set()


def text(words: str) -> str:
    """The words without what must not be shown; doing it twice changes nothing more."""
    if len(words) < _SHORTEST:
        return words
    pieces = _PICTURE.split(words)  # every other piece is a picture in the middle of HTML
    pieces[::2] = [_redacted(piece) for piece in pieces[::2]]
    return "".join(pieces)


def _redacted(words: str) -> str:
    if pattern := _by_value(frozenset(_values())):
        words = pattern.sub(SECRET, words)
    small = words.lower()
    for hints, rule, put in _RULES:
        if any(hint in small for hint in hints):
            words = rule.sub(put, words)
    if not _TWELVE.search(words):
        return words
    words = _ACCOUNT.sub(
        lambda found: found["before"] + account(found["number"].replace("-", "")), words
    )
    if pattern := _by_value(frozenset(_known_accounts)):
        words = pattern.sub(lambda found: account(found[0]), words)
    return words


def account(number: str) -> str:
    """An account number as it may be shown: its last four digits; the examples that are nobody's stay whole."""
    return number if number in EXAMPLES else f"…{number[-4:]}"


def keep_out(*secrets: str) -> None:
    """From now on these values are redacted wherever they turn up, whatever they look like."""
    _known_secrets.update(secrets)


def keep_account_out(number: str) -> None:
    """From now on this account number is redacted also where it stands alone."""
    _known_accounts.update({number} - EXAMPLES)


def data(value: Any) -> Any:
    """The same for a value of JSON: each text in it. Names of fields stay."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return {name: _named(name, item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [data(item) for item in value]
    return value


def places(words: str) -> str:
    """The words with this machine's folders by names that tell nothing of their owner; doing it twice changes nothing more."""
    pieces = _PICTURE.split(words)
    pattern, names = _by_folder(frozenset(_folders().items()))
    pieces[::2] = [pattern.sub(lambda found: names[found[0]], piece) for piece in pieces[::2]]
    return "".join(pieces)


def _folders() -> dict[str, str]:
    """The folders that may name someone, and what is shown in their place; a folder in the root, like /opt, names nobody."""
    checkout = paths.ROOT
    named = [] if sys.prefix == sys.base_prefix else [(sys.prefix, f"…/{Path(sys.prefix).name}")]
    named += [(str(checkout), f"…/{checkout.name}")]
    named += [
        (home, "~")
        for home in (str(Path.home()), *map(_home, (os.getuid(), checkout.stat().st_uid)))
    ]
    forms = {form: name for path, name in named for form in (path, os.path.realpath(path))}
    return {path: name for path, name in forms.items() if path.count("/") > 1 or path == "/root"}


def _home(user: int) -> str:
    """The home of a user as the system has it; of one that it does not know, the root."""
    try:
        return pwd.getpwuid(user).pw_dir
    except KeyError:
        return "/"


@cache
def _by_folder(folders: frozenset[tuple[str, str]]) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds the folders, the longest first, also as addresses and HTML spell them; and what each becomes."""
    names = {form: name for path, name in folders for form in (path, quote(path), escape(path))}
    forms = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(
        rf"{_START}(?:(?<=file://)|(?<!/))(?:{forms})(?![A-Za-z0-9_-]|\.[A-Za-z0-9])"
    ), names


def _placed(value: Any) -> Any:
    if isinstance(value, str):
        return places(value)
    if isinstance(value, Mapping):
        return {name: _placed(item) for name, item in value.items()}
    return [_placed(item) for item in value] if isinstance(value, list | tuple) else value


def bundle(forms: Mapping[str, Any]) -> dict[str, Any]:
    """The same for what a cell displays, by MIME type; pictures of dots are left alone: they hold no text."""
    return {kind: item if _is_picture(kind) else data(item) for kind, item in forms.items()}


def outputs(shown: list[Any]) -> None:
    """The same for a cell's outputs as a notebook holds them, in place; folders of this machine as in `places`."""
    for output in shown:
        for field in ("text", "evalue", "traceback"):
            if field in output:
                output[field] = _placed(data(output[field]))
        if "data" in output:
            shown_as = bundle(output["data"])
            output["data"].update(
                {
                    kind: item if _is_picture(kind) else _placed(item)
                    for kind, item in shown_as.items()
                }
            )


def install(ip: Any) -> None:
    """Pass everything that this kernel says through here: what cells print and display, errors, widgets. Idempotent."""
    session = getattr(getattr(ip, "kernel", None), "session", None)
    if session is None or getattr(session.send, "redacted", False):
        return
    session.send = _redacting(session.send)


def _redacting(send: Callable[..., Any]) -> Callable[..., Any]:
    def redacted(
        stream: Any, msg_or_type: Any, content: Any = None, *args: Any, **options: Any
    ) -> Any:
        if isinstance(msg_or_type, dict):
            kind, held = (
                msg_or_type.get("msg_type") or msg_or_type["header"]["msg_type"],
                msg_or_type["content"],
            )
            return send(
                stream, {**msg_or_type, "content": _message(kind, held)}, content, *args, **options
            )
        return send(stream, msg_or_type, _message(msg_or_type, content), *args, **options)

    redacted.redacted = True  # type: ignore[attr-defined]
    return redacted


def _message(kind: str, content: Any) -> Any:
    """A message of the kernel, redacted; those that only echo what the front end sent stay as they are."""
    if not content or kind in _ECHOING:
        return content
    if kind in _DISPLAYING and isinstance(content.get("data"), Mapping):
        return {**data({**content, "data": {}}), "data": bundle(content["data"])}
    return data(content)


def _named(name: object, item: Any) -> Any:
    """A field; its name may tell of a secret that looks like nothing else, or of an account."""
    if not (isinstance(item, str) and isinstance(name, str) and _TELLING.search(name)):
        return data(item)
    start = f"{name}: "
    return text(start + item).removeprefix(start)


def _is_picture(kind: str) -> bool:
    return kind.startswith(("image/", "application/pdf")) and kind != "image/svg+xml"


def _values() -> set[str]:
    """The secrets of this process that are known by value."""
    found = {
        value
        for name, value in os.environ.items()
        if _VARIABLES.search(name) and len(value) >= 2 * _SHORTEST
    }
    found |= _known_secrets | _of_boto3()
    return {value for value in found if len(value) >= _SHORTEST}


def _of_boto3() -> set[str]:
    """The keys that boto3's default session has resolved so far; looking must not resolve any, which may ask the network."""
    session = getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)
    held = getattr(getattr(session, "_session", None), "_credentials", None)
    # Keys that refresh themselves keep theirs behind an underscore, and would refresh if asked without it.
    under = "_" if hasattr(held, "_refresh") else ""
    found = [
        getattr(held, f"{under}{name}", None) for name in ("access_key", "secret_key", "token")
    ]
    return {value for value in found if isinstance(value, str)}


@cache
def _by_value(values: frozenset[str]) -> re.Pattern[str] | None:
    """What finds any of the values, also as they stand in a URL; the longest first."""
    forms = {form for value in values for form in (value, quote(value, safe=""))}
    return (
        re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True))))
        if forms
        else None
    )
