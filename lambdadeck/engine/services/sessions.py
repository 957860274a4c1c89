"""What STS answers a function that asks who it is."""

from typing import Any

from lambdadeck.engine.model import Credentials, FunctionSpec, Target


class Sessions:
    """Adds sessions of roles to ministack's STS; `sts` is its module."""

    def __init__(self, sts: Any) -> None:
        self._sts = sts

    def add(self, spec: FunctionSpec, own: Credentials) -> None:
        """Add a function's session, which never expires; one that is there stays."""
        if own.access_key in self._sts._sessions:
            return
        account, role = Target.read(spec.arn).account, spec.role.rsplit("/", 1)[-1]
        session = {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{spec.name}",
            "UserId": f"{self._sts._role_id(spec.role)}:{spec.name}",
            "AccountId": account,
            "SecretAccessKey": own.secret_key,
            "SessionToken": own.token,
            "PrincipalType": "AssumedRole",
        }
        self._sts.register_session(own.access_key, session)
