"""On AWS a .travis.yml acts in the account and region that were confirmed, as whoever is logged in, whatever the file says.

What is replaced for that is shown, with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lambdadeck import aws
from lambdadeck.aws import Caller, role
from lambdadeck.deployment.travis.options import Setting
from lambdadeck.deployment.travis.parser import Block
from lambdadeck.shared import redaction

_KEYS = ("access_key_id", "secret_access_key")
_ROLE = re.compile(r"arn:[a-z-]+:iam::(\d{12}):role/(?:.*/)?([^/]+)")


@dataclass(frozen=True)
class Adapted:
    """The settings as they will be used, and a note for each that was replaced."""

    settings: dict[str, Setting]
    notes: tuple[str, ...] = ()


def not_needed(block: Block) -> dict[str, str]:
    """The variables of the two keys, empty, for when they are not set: on AWS the keys are not used."""
    if not aws.asked():
        return {}
    written = " ".join(block.fields[name].text for name in _KEYS if name in block.fields)
    return dict.fromkeys(re.findall(r"\$\{?(\w+)", written), "")


def adapted(stated: dict[str, Setting]) -> Adapted:
    """The settings for the confirmed account and region; LOCAL takes them as they are. aws.Stopped if none is confirmed."""
    if not aws.asked():
        return Adapted(stated)
    caller, given, notes = aws.confirmed(), dict(stated), []
    for name in _KEYS:
        given[name] = replace(stated[name], shown=f"your own log-in, not {stated[name].shown}")
    region = stated["region"]
    if region.value != caller.region:
        given["region"] = replace(region, value=caller.region, shown=caller.region)
        notes.append(
            f"{region.origin}: region {region.shown} is replaced by {caller.region}, which you confirmed"
        )
    if "role" in stated and (note := _foreign(stated["role"], caller)):
        given["role"] = replace(
            stated["role"], value=role.arn(caller), shown=_name(role.arn(caller))
        )
        notes.append(note)
    return Adapted(given, tuple(notes))


def make_role(stated: dict[str, Setting]) -> None:
    """Make the role if it is ours that the settings name; LOCAL needs none."""
    if aws.asked() and "role" in stated and stated["role"].value == role.arn(aws.confirmed()):
        role.ensure(stated["function_name"].value)


def _foreign(stated: Setting, caller: Caller) -> str:
    """What to say of a role that belongs to another account; "" for one of the caller's own."""
    found = _ROLE.fullmatch(stated.value)
    if found is None or found[1] == caller.account:
        return ""
    return (
        f"{stated.origin}: role {found[2]} of another account ({redaction.account(found[1])}) is replaced by "
        f"{_name(role.arn(caller))}"
    )


def _name(arn: str) -> str:
    """A role's ARN as it may be shown."""
    found = _ROLE.fullmatch(arn)
    return f"{found[2]} of {redaction.account(found[1])}" if found else arn
