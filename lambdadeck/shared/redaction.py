"""Redact secrets from everything a cell shows: keys, signatures and tokens become [secret].

Account numbers keep their last four digits. Everything that a cell shows passes `install`, and so
do exports, records and what scripts print. Twelve digits are an account number in an ARN, in a URL,
in quotes, after "account" or "owner", and if they are the account in use; other twelve digits stay.
In `outputs`, which are kept or sent, this machine's folders lose their owner's name too: the home
becomes ~, the checkout and the virtual environment …/NAME.
"""

import os
import pwd
import re
import sys
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lambdadeck.shared import known_secrets, paths
from lambdadeck.shared.token_formats import FORMATS

SECRET = "[secret]"
EXAMPLES = frozenset({"000000000000", "123456789012"})  # the embedded cloud's and AWS's example
_SHORTEST = known_secrets.SHORTEST

_ANSI = r"(?:\x1b\[[0-9;]*m)*"  # tracebacks are colored
_COLOR = r"(?:(?<=[\[;][0-9]m)|(?<=[\[;][0-9]{2}m)|(?<=[0-9]{3}m)"
_START = rf"{_COLOR}|(?<![A-Za-z0-9]))"  # where a word begins, also right after a color
_QUOTE = r"(?:\\?[\"']|&quot;|&#x27;|&#39;)?"
_EQUALS = rf"{_ANSI}{_QUOTE}{_ANSI}\s*(?:[:=]|=&gt;|=>|%3[aAdD])\s*{_ANSI}{_QUOTE}{_ANSI}"
_BESIDE = rf"{_ANSI}{_QUOTE}{_ANSI}(?:,?\s+|\s*</t[hd]>\s*<t[hd][^>]*>){_ANSI}{_QUOTE}{_ANSI}"
_NAMES = (
    r"(?:aws[_-]?)?secret(?:[_-]?access)?[_-]?key|(?:aws[_-]?)?se(?:ssion|curity)[_-]?token"
    r"|x-amz-security-token|(?:x-amz-)?signature|(?:id|access|refresh)[_-]?token|client[_-]?secret"
)
_VALUE = r"[A-Za-z0-9/+=_.%~-]"
_JWT = "[A-Za-z0-9_-]{8,}"
_NAMED = ("secret", "token", "signature")
# Names that other programs give to their secrets; the value is a word with a digit, or a long one.
_OTHER = (
    r"[A-Z0-9_.-]*(?:api[_-]?key|access[_-]?key(?:[_-]?id)?|(?:access|auth|api|bearer)[_-]?token"
    r"|_authtoken|passw(?:or)?d|passphrase|private[_-]?key|client[_-]?secret|app[_-]?secret)"
)
_WORD = r"(?=[^\s\"'<>,;&\[\]]*[0-9]|[^\s\"'<>,;&\[\]]{16})[^\s\"'<>,;&\[\]]{8,}"


def _rule(pattern: str, *hints: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Return a rule that runs if a hint (lower case) occurs; its groups stay, the rest goes."""
    return re.compile(pattern, re.DOTALL), hints


_RULES = (
    # A private key, even if cut off.
    _rule(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        "private key",
    ),
    # name = value, as in variables, JSON, headers and logs; side by side, as in tables.
    _rule(rf"(?i)({_NAMES})({_EQUALS}){_VALUE}{{16,}}", *_NAMED),
    _rule(rf"(?i)({_NAMES})({_BESIDE})(?={_VALUE}*[0-9]){_VALUE}{{16,}}", *_NAMED),
    _rule(rf"(?i)(authorization{_EQUALS}(?:bearer|basic|token) )[^\s\"'<>,\[]+", "authorization"),
    _rule(
        r"(?i)([?&](?:token|x-amz-security-token|awsaccesskeyid)=)[^\s&\"'<>#\[]+",
        *("token=", "accesskeyid="),
    ),
    _rule(rf"(?i)({_OTHER})({_EQUALS}){_WORD}", "key", "token", "passw", "passphrase", "secret"),
    _rule(r"(?i)([a-z][a-z0-9+.-]*://[^\s/:@\"'<>]*:)(?!\[)[^\s/@\"'<>]+(?=@)", "@"),
    # Known prefixes: access keys, session tokens, JSON web tokens.
    _rule(
        rf"{_START}(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{{16}}(?![A-Za-z0-9])",
        *("akia", "asia", "abia", "acca"),
    ),
    _rule(
        rf"{_START}(?:IQoJb3JpZ2luX2Vj|F[wQ]oGZXIvYXdz)[A-Za-z0-9/+=_%-]{{16,}}",
        *("qojb3jpz2lux2vj", "gzxivyxdz"),
    ),
    _rule(rf"{_START}eyJ{_JWT}\.eyJ{_JWT}\.{_JWT}", "eyj"),
    # Forty characters of base64 with capitals, lower case and digits: a secret key.
    _rule(
        rf"{_COLOR}|(?<![A-Za-z0-9/+]))(?=[a-z0-9/+]*[A-Z])(?=[A-Z0-9/+]*[a-z])(?=[A-Za-z/+]*[0-9])"
        r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])",
        "",
    ),
)
_TELLING = re.compile(rf"(?i)(?:{_NAMES}|account|owner)(?:[ _-]?(?:id|number))?$")
_TWELVE = re.compile(r"[0-9]{12}|[0-9]{4}-[0-9]{4}-[0-9]{4}")
_ACCOUNT = re.compile(
    r"(?P<before>arn:[a-z-]+:[a-z0-9-]*:[a-z0-9-]*:|//(?:[^\s/\"'<>]+/)?|\.amazonaws\.com/"
    r"|(?<!=)[\"']|&quot;|&#x27;|&#39;"
    rf"|(?i:account|owner)(?i:[ _-]?(?:id|number|no\.?))?(?:{_EQUALS}|{_BESIDE}))"
    rf"(?P<number>{_TWELVE.pattern})(?![0-9A-Za-z]|[.,][0-9])"
)
_PICTURE = re.compile(r"(data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+)")
# Messages of the kernel that hold a MIME bundle, and those that only echo the front end.
_DISPLAYING = ("display_data", "update_display_data", "execute_result", "inspect_reply")
_ECHOING = ("execute_input", "status", "kernel_info_reply", "comm_info_reply")
_known_accounts: set[str] = set()


def text(words: str) -> str:
    """Return the words with secrets and account numbers redacted. Idempotent."""
    return _text(words, _values())


def _text(words: str, known: frozenset[str]) -> str:
    if len(words) < _SHORTEST:
        return words
    pieces = _PICTURE.split(words)  # every other piece is a picture in HTML
    pieces[::2] = [_redacted(piece, known) for piece in pieces[::2]]
    return "".join(pieces)


def _redacted(words: str, known: frozenset[str]) -> str:
    if pattern := _by_value(known):
        words = pattern.sub(SECRET, words)
    small = words.lower()
    for rule, hints in _RULES:
        if any(hint in small for hint in hints):
            words = rule.sub(lambda found: "".join(found.groups()) + SECRET, words)
    for token, hint in FORMATS:
        if hint in small:
            words = token.sub(SECRET, words)
    if not _TWELVE.search(words):
        return words
    words = _ACCOUNT.sub(_shortened, words)
    if pattern := _by_value(frozenset(_known_accounts)):
        words = pattern.sub(lambda found: account(found[0]), words)
    return words


def _shortened(found: re.Match[str]) -> str:
    return found["before"] + account(found["number"].replace("-", ""))


def account(number: str) -> str:
    """Return the last four digits of an account number; examples stay whole."""
    return number if number in EXAMPLES else f"…{number[-4:]}"


def keep_account_out(number: str) -> None:
    """Redact this account number from now on, even if it stands alone."""
    _known_accounts.update({number} - EXAMPLES)


def data(value: Any) -> Any:
    """Redact each text in a value of JSON; names of fields stay."""
    return _data(value, _values())  # once: that takes longer than a short text


def _data(value: Any, known: frozenset[str]) -> Any:
    if isinstance(value, str):
        return _text(value, known)
    if isinstance(value, Mapping):
        return {name: _named(name, item, known) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_data(item, known) for item in value]
    return value


def places(value: Any) -> Any:
    """Replace this machine's folders by names that hide their owner, in each text. Idempotent."""
    return _placed(value, *_by_folder(frozenset(_folders().items())))


def _placed(value: Any, pattern: re.Pattern[str], names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _placed(item, pattern, names) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_placed(item, pattern, names) for item in value]
    if not isinstance(value, str):
        return value
    pieces = _PICTURE.split(value)
    pieces[::2] = [pattern.sub(lambda found: names[found[0]], piece) for piece in pieces[::2]]
    return "".join(pieces)


def _folders() -> dict[str, str]:
    """Return the folders that may name a user, and their replacements; /opt and its like do not."""
    return _named_folders(paths.ROOT, sys.prefix, str(Path.home()), os.getuid())


@lru_cache(maxsize=2)  # redaction asks often
def _named_folders(checkout: Path, prefix: str, home: str, user: int) -> dict[str, str]:
    named = [] if prefix == sys.base_prefix else [(prefix, f"…/{Path(prefix).name}")]
    named += [(str(checkout), f"…/{checkout.name}")]
    named += [(path, "~") for path in (home, _home(user), _home(checkout.stat().st_uid))]
    forms = {form: name for path, name in named for form in (path, os.path.realpath(path))}
    return {path: name for path, name in forms.items() if path.count("/") > 1 or path == "/root"}


def _home(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_dir
    except KeyError:
        return "/"  # the system does not know the user


@cache
def _by_folder(folders: frozenset[tuple[str, str]]) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return a pattern of the folders (also quoted for URLs and HTML), and their replacements."""
    names = {form: name for path, name in folders for form in (path, quote(path), escape(path))}
    forms = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    end = r"(?![A-Za-z0-9_-]|\.[A-Za-z0-9])"
    return re.compile(rf"{_START}(?:(?<=file://)|(?<!/))(?:{forms}){end}"), names


def bundle(forms: Mapping[str, Any]) -> dict[str, Any]:
    """Redact what a cell displays, by MIME type, except bitmaps: they have no text."""
    known = _values()
    return {kind: item if _is_picture(kind) else _data(item, known) for kind, item in forms.items()}


def outputs(shown: list[Any]) -> None:
    """Redact a cell's outputs in a notebook, in place, including this machine's folders."""
    for output in shown:
        for field in ("text", "ename", "evalue", "traceback", "metadata"):
            if field in output:
                output[field] = places(data(output[field]))
        for kind, item in bundle(output.get("data", {})).items():
            output["data"][kind] = item if _is_picture(kind) else places(item)


def install(ip: Any) -> None:
    """Redact everything that this kernel sends: output, errors, widgets. Idempotent."""
    session = getattr(getattr(ip, "kernel", None), "session", None)
    if session is None or getattr(session.send, "redacted", False):
        return
    session.send = _redacting(session.send)


def _redacting(send: Callable[..., Any]) -> Callable[..., Any]:
    def redacted(
        stream: Any, msg_or_type: Any, content: Any = None, *args: Any, **options: Any
    ) -> Any:
        if isinstance(msg_or_type, dict):
            kind = msg_or_type.get("msg_type") or msg_or_type["header"]["msg_type"]
            message = {**msg_or_type, "content": _message(kind, msg_or_type["content"])}
            return send(stream, message, content, *args, **options)
        return send(stream, msg_or_type, _message(msg_or_type, content), *args, **options)

    redacted.redacted = True  # type: ignore[attr-defined]
    return redacted


def _message(kind: str, content: Any) -> Any:
    if not content or kind in _ECHOING:
        return content
    if kind in _DISPLAYING and isinstance(content.get("data"), Mapping):
        return {**data({**content, "data": {}}), "data": bundle(content["data"])}
    return data(content)


def _named(name: object, item: Any, known: frozenset[str]) -> Any:
    """Redact a field, together with its name, which may say that it is a secret or an account."""
    if not (isinstance(item, str) and isinstance(name, str) and _TELLING.search(name)):
        return _data(item, known)
    start = f"{name}: "
    return _text(start + item, known).removeprefix(start)


def _is_picture(kind: str) -> bool:
    return kind.startswith(("image/", "application/pdf")) and kind != "image/svg+xml"


def _values() -> frozenset[str]:
    """Return the secrets of this process that are known by value."""
    found = set(known_secrets.in_environment().values()) | known_secrets.registries()
    return frozenset(found | {value for value in _of_boto3() if len(value) >= _SHORTEST})


def _of_boto3() -> set[str]:
    """Return the keys that boto3's default session has, without resolving any (network)."""
    session = getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)
    held = getattr(getattr(session, "_session", None), "_credentials", None)
    # Refreshable credentials would refresh if read without the underscore.
    under = "_" if hasattr(held, "_refresh") else ""
    names = ("access_key", "secret_key", "token")
    found = [getattr(held, f"{under}{name}", None) for name in names]
    return {value for value in found if isinstance(value, str)}


@cache
def _by_value(values: frozenset[str]) -> re.Pattern[str] | None:
    """Return a pattern of the values, also quoted for URLs, the longest first; None without any."""
    forms = {form for value in values for form in known_secrets.forms(value)}
    pattern = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
    return re.compile(pattern) if forms else None
