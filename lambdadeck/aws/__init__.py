"""Real AWS: whose credentials would call it, and the confirmation before anything is called.

The modules guard, record, meter and explain calls. This one imports only the standard library:
scripts/present reads it before packages are installed.
"""

import difflib
import os
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, TextIO

from lambdadeck.shared import redaction

CLOUD, ACCOUNT = "LAMBDADECK_CLOUD", "LAMBDADECK_ACCOUNT"
# botocore prefers these to AWS_PROFILE; a profile that is asked for must win.
_KEYS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_DEFAULT_PROFILE",
)
_WARNING = (
    "The cells will make, call and delete things there, and that costs money; scripts/teardown "
    "removes what is left."
)


class StoppedError(RuntimeError):
    """The cloud is not used; the message is one sentence that says why and what to do."""


@dataclass(frozen=True)
class Caller:
    """Whose credentials were found: account (12 digits), region, partition, Lambda's endpoint."""

    account: str
    region: str
    partition: str
    endpoint: str
    profile: str | None = None

    @property
    def short(self) -> str:
        """Return the last four digits of the account, which may be shown."""
        return redaction.account(self.account)

    def __str__(self) -> str:
        named = f", profile {self.profile}" if self.profile else ""
        own = "" if ".amazonaws." in self.endpoint else f", at {self.endpoint}"
        return f"AWS account {self.short}, region {self.region}{named}{own}"

    __repr__ = __str__


_confirmed: Caller | None = None


def asked(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether LAMBDADECK_CLOUD asks for AWS; ValueError for an unknown cloud."""
    given = environ.get(CLOUD) or "local"
    if given.lower() not in ("local", "aws"):
        raise ValueError(
            f"{CLOUD} is {given!r}, and there are only two clouds: set it to 'aws' for real AWS, "
            "or unset it for the embedded cloud on this machine."
        )
    return given.lower() == "aws"


def is_page() -> bool:
    """Return whether this Python runs in an exported page."""
    return sys.platform == "emscripten"


def place() -> str:
    """Return where milliseconds come from, in a caption's words."""
    if not asked():
        return "this page" if is_page() else "this machine"
    return f"AWS, {_confirmed.region}" if _confirmed else "AWS"


def limit_s(local_s: float) -> float:
    """Return how long to wait at most for what takes `local_s` on this machine: longer on AWS."""
    return max(60.0, 3 * local_s) if asked() else local_s


def ask_for(
    profile: str | None, region: str | None, environ: MutableMapping[str, str] = os.environ
) -> None:
    """Ask for AWS in the environment, with this profile and region if given."""
    environ[CLOUD] = "aws"
    if profile:
        for name in _KEYS:
            environ.pop(name, None)
        environ["AWS_PROFILE"] = profile
    if region:
        environ["AWS_REGION"] = environ["AWS_DEFAULT_REGION"] = region


def handed_on(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables that make another process the same, confirmed caller."""
    ours = ("AWS_", "LAMBDADECK_")
    return {name: value for name, value in environ.items() if name.startswith(ours)}


def caller(session: Any) -> Caller:
    """Look up whose credentials boto3's session finds: one free call, which changes nothing.

    StoppedError for an unknown region; botocore's errors if there are no credentials or AWS does
    not take them.
    """
    _check_region(session)
    identity = session.client("sts").get_caller_identity()
    endpoint = session.client("lambda").meta.endpoint_url
    profile = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE")
    partition = identity["Arn"].split(":")[1]
    return Caller(identity["Account"], session.region_name, partition, endpoint, profile)


def _check_region(session: Any) -> None:
    if session.region_name is None:
        raise StoppedError(
            "AWS was asked for without a region: name one with --region, for example --region "
            "eu-west-1, or in AWS_DEFAULT_REGION, or in the profile."
        )
    known = [
        name
        for partition in session.get_available_partitions()
        for name in session.get_available_regions("lambda", partition)
    ]
    if session.region_name not in known:
        near = difflib.get_close_matches(session.region_name, known, 1, 0) or known[:1]
        raise StoppedError(
            f"{session.region_name!r} is not a region of AWS Lambda that boto3 knows: did you mean "
            f"{near[0]}?"
        )


def is_terminal() -> bool:
    """Return whether a question can be asked in the terminal (on standard error)."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(
    found: Caller,
    question: TextIO | None = None,
    answer: TextIO | None = None,
    *,
    warning: str = _WARNING,
    undone: str = "nothing was made and nothing was started",
) -> None:
    """Ask in the terminal for the last four digits of the account; StoppedError if they differ.

    A "yes" would be given by reflex; four digits are as quick and have to be read.
    """
    prompt = f"{found}.\n{warning}\nType the last four digits of the account to go on: "
    try:
        print(prompt, end="", file=question or sys.stderr, flush=True)
        said = (answer or sys.stdin).readline()
    except (OSError, KeyboardInterrupt):
        said = ""
    if said.strip() != found.account[-4:]:
        line = "" if said.endswith("\n") else "\n"
        raise StoppedError(f"{line}That does not confirm account {found.short}: {undone}.")
    confirm(found)


def check(found: Caller, account: str | None) -> None:
    """Confirm the caller by the account in LAMBDADECK_ACCOUNT; StoppedError if they differ."""
    if not account:
        raise StoppedError(
            f"AWS was asked for, and there is no terminal to ask you in: set {ACCOUNT} to the "
            f"twelve digits of the account that you mean (the credentials found are of {found}), "
            "or use scripts/present --aws."
        )
    if account != found.account:
        raise StoppedError(
            f"{ACCOUNT} is {redaction.account(account)}, and the credentials found are of {found}: "
            "nothing was made. Change the one or the other (AWS_PROFILE, AWS_ACCESS_KEY_ID), so "
            "that they agree."
        )
    confirm(found)


def confirm(found: Caller) -> None:
    """Remember the caller as confirmed, for this process and those that it starts."""
    global _confirmed
    _confirmed = found
    os.environ[ACCOUNT] = found.account


def confirmed() -> Caller:
    """Return the confirmed caller; StoppedError if there is none yet."""
    if _confirmed is None:
        raise StoppedError(
            "AWS was asked for, but not yet connected to: run the first cell "
            "(here = cloud.connect()), then this one."
        )
    return _confirmed
