"""Connect boto3 to LOCAL, the embedded cloud on this machine, or to AWS, by its own settings."""

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
# Variables of the shell that would redirect boto3 or sign calls with other keys.
_REDIRECTS = (
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
_PLACES = {"LOCAL": "this machine", "BROWSER": "this page"}  # neither costs anything
_engine: engine.Engine | None = None


@dataclass(frozen=True)
class Cloud:
    """The cloud that the calls of this notebook reach."""

    name: str
    region: str
    endpoint: str
    account: str

    @property
    def where(self) -> str:
        """Return where numbers come from, in a figure's words."""
        return f"{self.name}, {_PLACES.get(self.name, self.region)}"

    def __repr__(self) -> str:
        account = self.account if self.name in _PLACES else redaction.account(self.account)
        return f"{self.name}: {self.endpoint} · {self.region} · account {account}"

    def _repr_html_(self) -> str:
        if self.name == "LOCAL":
            return badge.local(self.region)
        if self.name == "BROWSER":
            return badge.browser(self.region)
        return badge.aws(self.region, self.account, self.endpoint)


def connect() -> Cloud:
    """Point boto3 at the embedded cloud, and start it if necessary. Idempotent.

    In an exported page that runs, the embedded cloud is the page's own Lambda.
    If LAMBDADECK_CLOUD is "aws", connect to real AWS by boto3's own credential chain, once the
    account is confirmed. ValueError for any other cloud, engine.EngineError if the start fails,
    aws.StoppedError if AWS is not confirmed.
    """
    if aws.is_page():
        return _browser()
    redaction.install(_shell())
    return _aws() if aws.asked() else _local()


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _local() -> Cloud:
    # Only here: the engine's starter works without it.
    import boto3

    from lambdadeck.aws import guard

    global _engine
    if not _is_given():
        if _engine is None:
            _engine = engine.start()
        os.environ.update(_engine.environment)
    unset_redirects()
    guard.release()
    boto3.setup_default_session()
    metering.watch(boto3.DEFAULT_SESSION)
    return Cloud("LOCAL", os.environ["AWS_DEFAULT_REGION"], os.environ["AWS_ENDPOINT_URL"], ACCOUNT)


def _browser() -> Cloud:
    import boto3

    from lambdadeck.aws import guard
    from lambdadeck.engine import browser

    guard.release()
    boto3.setup_default_session()
    browser.connect(boto3.DEFAULT_SESSION)
    metering.watch(boto3.DEFAULT_SESSION)
    return Cloud("BROWSER", browser.REGION, browser.ENDPOINT, ACCOUNT)


def _aws() -> Cloud:
    """Have the caller confirmed, then make boto3's default session: guarded, recorded, metered."""
    import boto3

    from lambdadeck.aws import errors, eventual_consistency, guard, ledger

    if (shell := _shell()) is not None:
        errors.install(shell)
    if "LAMBDADECK_START" in os.environ:
        raise aws.StoppedError(
            "This process uses the embedded cloud already: restart the kernel with "
            f"{aws.CLOUD}=aws set, or start scripts/present --aws."
        )
    session = boto3.Session()
    found = aws.caller(session)
    redaction.keep_account_out(found.account)
    if aws.ACCOUNT not in os.environ and aws.is_terminal():
        aws.ask(found)
    else:
        aws.check(found, os.environ.get(aws.ACCOUNT))
    creating = "before-parameter-build.s3.CreateBucket"
    session.events.register(creating, _omit_us_east_1, unique_id="lambdadeck-us-east-1")
    guard.guard(session)
    eventual_consistency.wait(session)
    ledger.watch(session, found.account)
    metering.watch(session)
    boto3.DEFAULT_SESSION = session
    guard.release()
    return Cloud("AWS", found.region, found.endpoint, found.account)


def _omit_us_east_1(params: dict[str, Any], **_: Any) -> None:
    # S3 refuses this one region as a bucket's location; the deck's cell always names its region.
    if params.get("CreateBucketConfiguration") == {"LocationConstraint": "us-east-1"}:
        del params["CreateBucketConfiguration"]


def unset_redirects() -> None:
    """Unset variables that would redirect boto3, and drop its default session."""
    for name in list(os.environ):
        if name in _REDIRECTS or name.startswith("AWS_ENDPOINT_URL_"):
            del os.environ[name]
    import boto3  # only here: the engine's starter works without it

    boto3.DEFAULT_SESSION = None


def _is_given() -> bool:
    """Return whether this process has a running engine's variables, of its own or of a starter.

    The starter restarts a killed engine within a second: wait for that.
    """
    if "LAMBDADECK_START" not in os.environ:
        return False
    until = time.monotonic() + RESTART_S
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    while not (is_there := answers(endpoint)) and time.monotonic() < until:
        time.sleep(0.05)
    return is_there


def answers(endpoint: str) -> bool:
    """Return whether an embedded cloud listens there: it answers an unsigned call with 403."""
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
