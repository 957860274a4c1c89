"""The environment variables with which ministack starts."""

from pathlib import Path

from lambdadeck.engine.model import Settings


def variables(given: Settings, scratch: Path) -> dict[str, str]:
    """Return ministack's environment variables: loopback only, nothing kept, no other listener."""
    return {
        "GATEWAY_PORT": str(given.port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": f"{given.start_id}.localhost",
        "MINISTACK_REGION": given.region,
        "MINISTACK_ACCOUNT_ID": given.account,
        "AWS_DEFAULT_REGION": given.region,
        "LAMBDA_ACCOUNT_CONCURRENCY": "0",
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        "LOG_LEVEL": "ERROR",
        "DOCKER_HOST": "unix:///nonexistent",
        "TMPDIR": str(scratch),
        "MINISTACK_READY_SCRIPTS": "",
    }
