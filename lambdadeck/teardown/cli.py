"""Run scripts/teardown: list what is left in the chosen cloud, ask, and remove it."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

from lambdadeck import aws
from lambdadeck.cloud import options as cloud_options
from lambdadeck.shared import redaction
from lambdadeck.shared.paths import ROOT

if TYPE_CHECKING:
    from lambdadeck.teardown.inventory import Scope

WARNING = "All of the above will be removed, with everything in it. This cannot be undone."


class TeardownOptions(argparse.Namespace):
    """The options of the command line."""

    aws: bool
    profile: str | None
    region: str | None
    only_list: bool
    yes: bool
    talk: int | None


def options(arguments: list[str]) -> TeardownOptions:
    """Read the command line; --help and mistakes end the program as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/teardown",
        description="Remove what the talk left behind, and prove that nothing is left: in the "
        "embedded cloud of a running scripts/present (a reset between rehearsal and talk), or with "
        "--aws in AWS.",
    )
    ours = "in AWS: only what has the talk's tag or is on record"
    cloud_options.add_options(parser, ours, "a region to look in, besides those of the record")
    add = parser.add_argument
    add("--list", action="store_true", dest="only_list", help="only list what is left")
    yes = f"with --aws: do not ask; {aws.ACCOUNT} has to name the account"
    add("--yes", action="store_true", help=yes)
    which = "without --aws: which scripts/present, if not this folder's"
    add("--talk", type=int, metavar="PID", help=which)
    given = parser.parse_args(arguments, TeardownOptions())
    given.aws = cloud_options.is_asked(parser, given)
    return given


def main(arguments: list[str]) -> int:
    """Run scripts/teardown; return 0 if nothing is left, 1 if something is or after an error."""
    # Imported here, because scripts/teardown answers --help before these are installed.
    from botocore.exceptions import BotoCoreError, ClientError

    from lambdadeck.aws import errors, ledger

    asked = options(arguments)
    try:
        return _aws(asked) if asked.aws else _local(asked)
    except (BotoCoreError, ClientError, aws.StoppedError, ledger.RecordError) as error:
        print(errors.sentence(error) or redaction.text(str(error)), file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nStopped: start again to remove the rest.", file=sys.stderr, flush=True)
        return 130


def _local(asked: TeardownOptions) -> int:
    from lambdadeck import cloud
    from lambdadeck.teardown import rounds, sessions

    talk = sessions.choose(sessions.talks(), asked.talk, str(ROOT))
    os.environ.pop(aws.CLOUD, None)
    os.environ.update(talk.variables)
    cloud.unset_redirects()
    print(f"LOCAL: the embedded cloud of scripts/present, process {talk.pid}.", flush=True)
    scope = rounds.connected()
    return _listed(scope) if asked.only_list else _removed(scope)


def _aws(asked: TeardownOptions) -> int:
    import boto3

    from lambdadeck.teardown import rounds

    aws.ask_for(asked.profile, asked.region)
    found = aws.caller(boto3.Session())
    scope = rounds.scope_of(found)
    print(f"{found}; looking in {', '.join(scope.regions)}.", flush=True)
    if asked.only_list:
        return _listed(scope)
    if _listed(scope, say_nothing=True):
        _confirm(found, asked.yes)
    return _removed(scope)


def _confirm(found: aws.Caller, yes: bool) -> None:
    if yes or not aws.is_terminal():
        aws.check(found, os.environ.get(aws.ACCOUNT))
    else:
        aws.ask(found, warning=WARNING, undone="nothing was removed")


def _listed(scope: "Scope", say_nothing: bool = False) -> int:
    """Print what is left and return 1, or print "nothing is left" (not if `say_nothing`)."""
    from lambdadeck.teardown import rounds

    found = rounds.look(scope)
    lines = [*map(str, [*found.resources, *found.unseen]), *rounds.unknown(scope)]
    for line in lines:
        print(f"  {redaction.text(line)}", flush=True)
    if not lines and not say_nothing:
        print("nothing is left.", flush=True)
    return 1 if lines else 0


def _removed(scope: "Scope") -> int:
    from lambdadeck.teardown import rounds

    outcome = rounds.run(scope, say=lambda line: print(line, flush=True))
    print(outcome, flush=True)
    return 1 if outcome.left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
