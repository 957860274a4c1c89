"""Check AWS credentials for scripts/check --aws with one free call that changes nothing."""

import os

from lambdadeck import aws
from lambdadeck.check.findings import Finding, amber, green
from lambdadeck.shared import redaction

LIMITS = {"connect_timeout": 5, "read_timeout": 5, "retries": {"total_max_attempts": 2}}  # seconds
WITHOUT = "not needed for scripts/present without --aws"


def account(profile: str | None, region: str | None) -> Finding:
    """Return whose credentials the profile and region lead to, and whether AWS accepts them."""
    import boto3
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    from lambdadeck.aws import errors

    asked = dict(os.environ)
    try:
        aws.ask_for(profile, region)
        session = botocore.session.Session()
        session.set_default_client_config(Config(**LIMITS))
        found = aws.caller(boto3.Session(botocore_session=session))
    except (BotoCoreError, ClientError, aws.StoppedError) as error:
        said = errors.sentence(error) or redaction.text(str(error))
        return amber("AWS", said.removesuffix("."), WITHOUT)
    finally:
        os.environ.clear()
        os.environ.update(asked)
    redaction.keep_account_out(found.account)
    return green("AWS", f"{found} answers. scripts/present --aws asks before the first call")
