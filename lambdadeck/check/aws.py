"""Whether AWS would take the calls, for scripts/check --aws: one look-up, which is free and changes nothing."""

from __future__ import annotations

import os

from lambdadeck import aws
from lambdadeck.check.findings import Finding, amber, green
from lambdadeck.shared import redaction

PATIENCE_S = 5
WITHOUT = "the talk needs none of it: scripts/present without --aws"


def account(profile: str | None, region: str | None) -> Finding:
    """Whose credentials are found, with this profile and region where they are given, and that AWS takes them."""
    import boto3
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    from lambdadeck.aws import errors

    asked = dict(os.environ)
    try:
        aws.ask_for(profile, region)
        session = botocore.session.Session()
        session.set_default_client_config(
            Config(
                connect_timeout=PATIENCE_S,
                read_timeout=PATIENCE_S,
                retries={"total_max_attempts": 2},
            )
        )
        found = aws.caller(boto3.Session(botocore_session=session))
    except (BotoCoreError, ClientError, aws.Stopped) as problem:
        said = errors.sentence(problem) or redaction.text(str(problem))
        return amber("AWS", said.removesuffix("."), WITHOUT)
    finally:
        os.environ.clear()
        os.environ.update(asked)
    redaction.keep_account_out(found.account)
    return green(
        "AWS",
        f"{found} answers; nothing was made. scripts/present --aws asks before the first call",
    )
