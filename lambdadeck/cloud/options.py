"""The options --aws, --profile and --region: look up the caller, ask, connect, make the role."""

import argparse
import os

from lambdadeck import aws
from lambdadeck.shared import redaction


def add_options(
    parser: argparse.ArgumentParser, aws: str, region: str = "the region, for example eu-west-1"
) -> None:
    """Add --aws, --profile and --region, with these helps for --aws and --region."""
    parser.add_argument("--aws", action="store_true", help=aws)
    parser.add_argument("--profile", help="with --aws: the profile of your AWS configuration")
    parser.add_argument("--region", help=f"with --aws: {region}")


def is_asked(parser: argparse.ArgumentParser, given: argparse.Namespace) -> bool:
    """Return whether --aws or LAMBDADECK_CLOUD asks for AWS; exit if options contradict."""
    try:
        wanted = given.aws or aws.asked()
    except ValueError as problem:
        parser.error(str(problem))
    if not wanted and (given.profile or given.region):
        parser.error("--profile and --region belong to --aws: the embedded cloud has neither")
    return wanted


def begin(profile: str | None, region: str | None) -> None:
    """Ask, connect, and make the functions' role, so that AWS knows it when they need it.

    aws.StoppedError, with a sentence, if the account is not confirmed or AWS refuses.
    """
    # Only here: scripts/present reads the options before packages are installed.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from lambdadeck import cloud
    from lambdadeck.aws import errors, role

    aws.ask_for(profile, region)
    try:
        _confirm(aws.caller(boto3.Session()))
        here = cloud.connect()
        # Keep the region that was confirmed, even if the profile changes.
        os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = here.region
        print(here, _unpriced(here.region), sep="", flush=True)
        role.ensure()
    except (BotoCoreError, ClientError) as error:
        raise aws.StoppedError(errors.sentence(error) or redaction.text(str(error))) from error


def _unpriced(region: str) -> str:
    """Return a note if the price tables do not have the region, else ""."""
    from lambdadeck import prices

    try:
        prices.lambda_price(region, "x86_64")
    except LookupError:
        return (
            f"\nLambda's prices in {region} are not in the tables here: the slides on prices will "
            "say so and fail."
        )
    return ""


def strip() -> str:
    """Return the strip's style sheet for Jupyter's pages; "" unless an account is confirmed."""
    account = os.environ.get(aws.ACCOUNT)
    if not (aws.asked() and account):
        return ""
    from lambdadeck.cloud import badge

    return badge.strip(os.environ.get("AWS_DEFAULT_REGION", ""), account)


def _confirm(found: aws.Caller) -> None:
    named = os.environ.get(aws.ACCOUNT)
    if not aws.is_terminal() or (named and named != found.account):
        aws.check(found, named)
    else:
        aws.ask(found)
