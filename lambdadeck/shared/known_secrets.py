"""The secrets that this process knows by value, in each form in which they are usually written."""

import base64
import json
import os
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from html import escape, unescape
from urllib.parse import quote, quote_plus, unquote, urlsplit

SHORTEST = 8  # a shorter value could be any word
_NAME = re.compile(
    r"(?i)(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|_PWD|ACCESS_KEY(?:_ID)?|API_?KEY|PRIVATE_KEY"
    r"|CREDENTIALS?|_PAT|_AUTH|SECRET_KEY|ACCOUNT_KEY)$"
)
_REGISTRY = re.compile(r"(?i)(?:INDEX(?:_URL)?|REGISTRY|GOPROXY|HTTPS?_PROXY|ALL_PROXY)$")
_PUBLIC = re.compile(
    r"(?:.*\.)?(?:pypi\.org|pythonhosted\.org|npmjs\.org|golang\.org|nuget\.org|maven\.org)"
    r"|localhost|127\.0\.0\.1|::1"
)
_UNSEEN = re.compile("\x1b\\[[0-9;]*m|[\u00ad\u200b-\u200f\u2060\ufeff]")
_TAG = re.compile("<[^<>]*>")


class SecretLeakError(ValueError):
    """A text that is about to be written holds a secret; the message says where, not which."""


def in_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the secrets of environment variables: by their name, or a password in an address."""
    return dict(_secrets(tuple(environ.items())))


@lru_cache(maxsize=2)  # redaction asks often
def _secrets(variables: tuple[tuple[str, str], ...]) -> dict[str, str]:
    found = {name: value for name, value in variables if _NAME.search(name) and _is_secret(value)}
    for name, value in variables:
        password = _password(value) if "://" in value and "@" in value else ""
        if len(password) >= SHORTEST:
            found[f"{name} (its password)"] = password
    return found


def _is_secret(value: str) -> bool:
    """Return whether a value is neither a path nor a short word that any text may hold."""
    is_word = value.isalpha() and len(value) < 2 * SHORTEST
    return len(value) >= SHORTEST and not is_word and not value.startswith(("/", "./"))


def registries(environ: Mapping[str, str] = os.environ) -> set[str]:
    """Return the hosts of private package registries and proxies that variables name."""
    return set(_registries(tuple(environ.items())))


@lru_cache(maxsize=2)
def _registries(variables: tuple[tuple[str, str], ...]) -> set[str]:
    named = (value for name, value in variables if _REGISTRY.search(name))
    parts = [part for value in named for part in re.split(r"[\s,|]+", value)]
    hosts = {_host(part) for part in parts if "://" in part}
    return {host for host in hosts if "." in host and not _PUBLIC.fullmatch(host)}


@cache
def forms(value: str) -> frozenset[str]:
    """Return the value as it is written in URLs, HTML, JSON, base64 and hexadecimal."""
    raw = value.encode()
    written = {value, quote(value, safe=""), quote(value), quote_plus(value), escape(value)}
    written |= {escape(value, quote=False), repr(value)[1:-1], repr(raw)[2:-1]}
    written |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    written |= {re.sub("%..", lambda code: code[0].lower(), text) for text in written}
    written |= {
        again for text in written for again in (quote(text, safe=""), json.dumps(text)[1:-1])
    }
    written |= {raw.hex(), raw.hex().upper(), *_base64(raw)}
    written |= {text.replace("+", "-").replace("/", "_") for text in _base64(raw)}
    return frozenset(text for text in written if len(text) >= SHORTEST)


def check(place: str, text: str, environ: Mapping[str, str] = os.environ) -> None:
    """Raise SecretLeakError if the text holds a secret of the environment in any usual form.

    Colors, markup and invisible characters inside a secret do not hide it.
    """
    secrets = in_environment(environ)
    if not secrets:
        return
    texts = [text, _UNSEEN.sub("", text)]
    for _ in range(2):  # a page shows markup as text, too
        texts.append(unescape(_TAG.sub("", texts[-1])))
    for name, value in secrets.items():
        if any(form in text for form in forms(value) for text in texts):
            problem = f"{place} holds the value of the environment variable {name}"
            raise SecretLeakError(f"{problem}. Take it out of there, then run this again.")


def _base64(raw: bytes) -> set[str]:
    """Return what is the same in base64 wherever in a text the value begins."""
    found = {base64.b64encode(raw).decode()}
    for lead in range(3):
        whole = base64.b64encode(b"\0" * lead + raw).decode().rstrip("=")
        found.add(whole[(lead * 8 + 5) // 6 : len(whole) - 1])
    return found


def _password(value: str) -> str:
    try:
        return unquote(urlsplit(value).password or "")
    except ValueError:
        return ""


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
