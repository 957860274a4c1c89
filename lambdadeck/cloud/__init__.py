"""Where calls go: LOCAL, the embedded cloud on this machine, or AWS. `connect()` sets up what boto3 itself honours."""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from lambdadeck import aws, engine
from lambdadeck.aws import metering
from lambdadeck.cloud import badge
from lambdadeck.engine import ACCOUNT
from lambdadeck.shared import redaction

RESTART_S = 5.0
# Left over from the shell they would send calls elsewhere, or sign them for somebody else.
_IN_THE_WAY = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)
_engine: engine.Engine | None = None


@dataclass(frozen=True)
class Cloud:
    """What the calls of this notebook reach."""

    name: str
    region: str
    endpoint: str
    account: str

    @property
    def where(self) -> str:
        """What a figure says of the place that its numbers come from."""
        return f"{self.name}, {'this machine' if self.name == 'LOCAL' else self.region}"

    def __repr__(self) -> str:
        account = self.account if self.name == "LOCAL" else redaction.account(self.account)
        return f"{self.name}: {self.endpoint} · {self.region} · account {account}"

    def _repr_html_(self) -> str:
        if self.name == "LOCAL":
            return badge.local(self.region)
        return badge.aws(self.region, self.account, self.endpoint)


def start(region: str = "eu-west-1", port: int = 0) -> engine.Engine:
    """Start an embedded cloud for other processes: see `Engine.environment`. It ends with this process."""
    return engine.start(region, port)


def connect() -> Cloud:
    """Point boto3 at the embedded cloud, starting it if nobody has; may be called again at any time.

    Where LAMBDADECK_CLOUD is "aws" it is real AWS instead, by boto3's own credential chain, once the account is confirmed.
    ValueError for any other cloud, engine.EngineError when the start fails, aws.Stopped when AWS is not confirmed.
    """
    redaction.install(_shell())
    return _aws() if aws.asked() else _local()


def _shell() -> Any:
    """The IPython that this runs in, or None: then nobody has imported it."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _local() -> Cloud:
    from lambdadeck.aws import guard  # only here: it imports boto3

    global _engine
    if not _is_given():
        if _engine is None:
            _engine = engine.start()
        use(_engine.environment)
    clear_the_way()
    guard.release()
    metering.watch()
    return Cloud("LOCAL", os.environ["AWS_DEFAULT_REGION"], os.environ["AWS_ENDPOINT_URL"], ACCOUNT)


def _aws() -> Cloud:
    """Look up who calls, have that confirmed, and only then open boto3's default session: watched, tagging, patient."""
    import boto3

    from lambdadeck.aws import errors, eventual_consistency, guard, ledger

    if (shell := _shell()) is not None:
        errors.install(shell)
    if "LAMBDADECK_START" in os.environ:
        raise aws.Stopped(
            f"This process uses the embedded cloud already: restart the kernel with {aws.CLOUD}=aws set, or "
            "start scripts/present --aws."
        )
    session = boto3.Session()
    found = aws.caller(session)
    redaction.keep_account_out(found.account)
    if aws.ACCOUNT not in os.environ and aws.is_terminal():
        aws.ask(found)
    else:
        aws.check(found, os.environ.get(aws.ACCOUNT))
    session.events.register(
        "before-parameter-build.s3.CreateBucket",
        _us_east_1_unnamed,
        unique_id="lambdadeck-us-east-1",
    )
    guard.guard(session)
    eventual_consistency.wait(session)
    ledger.watch(session, account=found.account)
    metering.watch(session)
    boto3.DEFAULT_SESSION = session
    guard.release()
    return Cloud("AWS", found.region, found.endpoint, found.account)


def _us_east_1_unnamed(params: dict[str, Any], **_: Any) -> None:
    """S3 wants each region named but its first, us-east-1; the deck's cell names the region that it runs in."""
    if params.get("CreateBucketConfiguration") == {"LocationConstraint": "us-east-1"}:
        del params["CreateBucketConfiguration"]


def use(variables: dict[str, str]) -> None:
    """Take an engine's variables into this process."""
    os.environ.update(variables)


def clear_the_way() -> None:
    """Remove what would lead boto3 elsewhere, and the default session that may already have read it."""
    for name in list(os.environ):
        if name in _IN_THE_WAY or name.startswith("AWS_ENDPOINT_URL_"):
            del os.environ[name]
    import boto3  # only here: the engine's starter works without it

    boto3.DEFAULT_SESSION = None


def _is_given() -> bool:
    """Whether this process already has a running engine's variables (scripts/present, or an earlier call).

    An engine that was killed is started again by its starter within the second: wait for that.
    """
    if "LAMBDADECK_START" not in os.environ:
        return False
    until = time.monotonic() + RESTART_S
    while (
        not (there := answers(os.environ.get("AWS_ENDPOINT_URL", ""))) and time.monotonic() < until
    ):
        time.sleep(0.05)
    return there


def answers(endpoint: str) -> bool:
    """Whether an embedded cloud listens there: it refuses an unsigned call, and that is an answer."""
    if not endpoint.startswith("http://127.0.0.1:"):
        return False
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(f"{endpoint}/", timeout=5).close()
    except urllib.error.HTTPError as error:
        error.close()
        return error.code == 403
    except OSError:
        return False
    return False
