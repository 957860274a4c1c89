"""Real AWS, only when it was asked for in so many words: who would be calling, and whether that was confirmed.

Imports the standard library alone until somebody is looked up: scripts/present reads it before anything is installed.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, TextIO

from lambdadeck.shared import redaction

CLOUD, ACCOUNT = "LAMBDADECK_CLOUD", "LAMBDADECK_ACCOUNT"
CLOUDS = ("local", "aws")
# botocore asks these before a profile of the environment: whoever names a profile means the profile.
_KEYS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_DEFAULT_PROFILE",
)
_WARNING = "The cells will make, call and delete things there, and that costs money; scripts/teardown removes what is left."
_confirmed: Caller | None = None


class Stopped(RuntimeError):
    """AWS is not used; the message is one sentence that says why and what to do."""


@dataclass(frozen=True)
class Caller:
    """Whose credentials were found: twelve digits, a region, its partition, and where Lambda's calls would go."""

    account: str
    region: str
    partition: str
    endpoint: str
    profile: str | None = None

    @property
    def short(self) -> str:
        """The account as it may be shown: its last four digits."""
        return redaction.account(self.account)

    def __str__(self) -> str:
        named = f", profile {self.profile}" if self.profile else ""
        own = "" if ".amazonaws." in self.endpoint else f", at {self.endpoint}"
        return f"AWS account {self.short}, region {self.region}{named}{own}"

    __repr__ = __str__


def asked(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether LAMBDADECK_CLOUD asks for AWS; without it LOCAL is meant. ValueError for a cloud that there is not."""
    given = environ.get(CLOUD) or "local"
    if given.lower() not in CLOUDS:
        raise ValueError(
            f"{CLOUD} is {given!r}, and there are only two clouds: set it to 'aws' for real AWS, or unset it "
            "for the embedded cloud on this machine."
        )
    return given.lower() == "aws"


def place() -> str:
    """Where milliseconds come from, in a caption's words."""
    if not asked():
        return "this machine"
    return f"AWS, {_confirmed.region}" if _confirmed else "AWS"


def limit_s(local_s: float) -> float:
    """How long to wait, at most, for what takes this long on this machine: AWS's own services take their time."""
    return max(60.0, 3 * local_s) if asked() else local_s


def ask_for(
    profile: str | None, region: str | None, environ: MutableMapping[str, str] = os.environ
) -> None:
    """Ask for AWS in the environment, with this profile and region where they are given."""
    environ[CLOUD] = "aws"
    if profile:
        for name in _KEYS:
            environ.pop(name, None)
        environ["AWS_PROFILE"] = profile
    if region:
        environ["AWS_REGION"] = environ["AWS_DEFAULT_REGION"] = region


def handed_on(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What another process needs to be the same caller: the user's own credential chain, and what was confirmed."""
    return {
        name: value for name, value in environ.items() if name.startswith(("AWS_", "LAMBDADECK_"))
    }


def caller(session: Any) -> Caller:
    """Look up whose credentials boto3's session finds: one call, free, which changes nothing.

    Stopped when there is no such region; botocore's errors when there are no credentials or AWS does not take them.
    """
    _check_region(session)
    identity = session.client("sts").get_caller_identity()
    endpoint = session.client("lambda").meta.endpoint_url
    profile = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    return Caller(
        identity["Account"], session.region_name, identity["Arn"].split(":")[1], endpoint, profile
    )


def _check_region(session: Any) -> None:
    if session.region_name is None:
        raise Stopped(
            "AWS was asked for without a region: name one with --region, for example --region eu-west-1, or in "
            "AWS_DEFAULT_REGION, or in the profile."
        )
    known = [
        name
        for one in session.get_available_partitions()
        for name in session.get_available_regions("lambda", one)
    ]
    if session.region_name not in known:
        near = difflib.get_close_matches(session.region_name, known, 1, 0) or known[:1]
        raise Stopped(
            f"{session.region_name!r} is no region of AWS Lambda that boto3 knows: did you mean {near[0]}?"
        )


def is_terminal() -> bool:
    """Whether somebody can be asked here and now: a question goes to standard error."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(
    found: Caller,
    question: TextIO | None = None,
    answer: TextIO | None = None,
    *,
    warning: str = _WARNING,
    undone: str = "nothing was made and nothing was started",
) -> None:
    """Ask in the terminal for the last four digits of the account; Stopped for any other answer, and for none.

    A "yes" would be given by reflex; four digits are as quick and have to be read.
    """
    try:
        print(
            f"{found}.\n{warning}\nType the last four digits of the account to go on: ",
            end="",
            file=question or sys.stderr,
            flush=True,
        )
        said = (answer or sys.stdin).readline()
    except (OSError, KeyboardInterrupt):
        said = ""
    if said.strip() != found.account[-4:]:
        raise Stopped(
            f"{'' if said.endswith(chr(10)) else chr(10)}That does not confirm account {found.short}: "
            f"{undone}."
        )
    confirm(found)


def check(found: Caller, account: str | None) -> None:
    """Confirm the caller by the account that was named beforehand (LAMBDADECK_ACCOUNT); Stopped if it is another or none."""
    if not account:
        raise Stopped(
            f"AWS was asked for, and here is no terminal to ask you in: set {ACCOUNT} to the twelve digits of the "
            f"account that you mean (the credentials found are of {found}), or use scripts/present --aws."
        )
    if account != found.account:
        raise Stopped(
            f"{ACCOUNT} is {redaction.account(account)}, and the credentials found are of {found}: nothing was made. Change "
            f"the one or the other (AWS_PROFILE, AWS_ACCESS_KEY_ID), so that they agree."
        )
    confirm(found)


def confirm(found: Caller) -> None:
    """This caller was confirmed: remembered for this process, and for those that it starts."""
    global _confirmed
    _confirmed = found
    os.environ[ACCOUNT] = found.account


def confirmed() -> Caller:
    """Who calls; Stopped when nobody was confirmed yet."""
    if _confirmed is None:
        raise Stopped(
            "AWS was asked for, but not yet connected to: run the first slide's cell (here = cloud.connect()), "
            "then this one."
        )
    return _confirmed
