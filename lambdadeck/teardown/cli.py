"""The command line of scripts/teardown: which cloud is meant, what is left there, and the question before it is removed."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdadeck import aws
from lambdadeck.cloud import options as cloud_options
from lambdadeck.shared.paths import ROOT

if TYPE_CHECKING:
    from lambdadeck.teardown.inventory import Place

WARNING = "All of the above will be removed, with what is in it, and nothing brings it back."


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    aws: bool
    profile: str | None
    region: str | None
    only_list: bool
    yes: bool
    talk: int | None


def options(arguments: list[str]) -> Options:
    """Read the command line; --help and mistakes end the program as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/teardown",
        description="Remove what the talk left behind, and prove that nothing is left: in the embedded cloud of a running "
        "scripts/present (a reset between rehearsal and talk), or with --aws in AWS.",
    )
    parser.add_argument(
        "--aws",
        action="store_true",
        help="in AWS: what has the talk's tag or stands in its record, nothing else",
    )
    parser.add_argument("--profile", help="with --aws: the profile of your AWS configuration")
    parser.add_argument(
        "--region", help="with --aws: a region to look in, besides those of the record"
    )
    parser.add_argument("--list", action="store_true", help="only list what is left")
    parser.add_argument(
        "--yes",
        action="store_true",
        help=f"with --aws: do not ask; {aws.ACCOUNT} has to name the account",
    )
    parser.add_argument(
        "--talk",
        type=int,
        metavar="PID",
        help="without --aws: which scripts/present, if not this folder's",
    )
    given = parser.parse_args(arguments)
    return Options(
        cloud_options.is_asked(parser, given),
        given.profile,
        given.region,
        given.list,
        given.yes,
        given.talk,
    )


def main(arguments: list[str]) -> int:
    """The whole of scripts/teardown: 0 when nothing is left, 1 when something is, with a sentence for what can go wrong."""
    # Imported here, because scripts/teardown answers --help before these are installed.
    from botocore.exceptions import BotoCoreError, ClientError

    from lambdadeck.aws import errors, ledger
    from lambdadeck.shared import redaction

    asked = options(arguments)
    try:
        return _aws(asked) if asked.aws else _local(asked)
    except (BotoCoreError, ClientError, aws.Stopped, ledger.RecordError) as error:
        print(errors.sentence(error) or redaction.text(str(error)), file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print(
            "\nStopped: start again, and it goes on with what is left.", file=sys.stderr, flush=True
        )
        return 130


def _local(asked: Options) -> int:
    from lambdadeck import cloud
    from lambdadeck.teardown import rounds, sessions

    talk = sessions.choose(sessions.talks(), asked.talk, str(ROOT))
    os.environ.pop(aws.CLOUD, None)
    cloud.use(talk.variables)
    cloud.clear_the_way()
    print(f"LOCAL: the embedded cloud of scripts/present, process {talk.pid}.", flush=True)
    place = rounds.connected()
    return _listed(place) if asked.only_list else _removed(place)


def _aws(asked: Options) -> int:
    import boto3

    from lambdadeck.teardown import rounds

    aws.ask_for(asked.profile, asked.region)
    found = aws.caller(boto3.Session())
    place = rounds.place_of(found)
    print(f"{found}; looking in {', '.join(place.regions)}.", flush=True)
    if asked.only_list:
        return _listed(place)
    if _listed(place, say_nothing=True):
        _confirm(found, asked.yes)
    return _removed(place)


def _confirm(found: aws.Caller, yes: bool) -> None:
    if yes or not aws.is_terminal():
        aws.check(found, os.environ.get(aws.ACCOUNT))
    else:
        aws.ask(found, warning=WARNING, undone="nothing was removed")


def _listed(place: Place, say_nothing: bool = False) -> int:
    """Print what is left; 1 if there is any. `say_nothing`: the removal that follows will say that there is none."""
    from lambdadeck.shared import redaction
    from lambdadeck.teardown import rounds

    found = rounds.look(place)
    lines = [*map(str, found.things), *found.unseen, *rounds.unknown(place)]
    print(
        *(f"  {redaction.text(line)}" for line in lines),
        sep="\n",
        end="\n" if lines else "",
        flush=True,
    )
    if not lines and not say_nothing:
        print("nothing is left.", flush=True)
    return 1 if lines else 0


def _removed(place: Place) -> int:
    from lambdadeck.teardown import rounds

    outcome = rounds.run(place, say=lambda line: print(line, flush=True))
    print(outcome, flush=True)
    return 1 if outcome.left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
