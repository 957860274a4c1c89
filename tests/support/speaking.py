"""Tests in languages that a machine may lack: skipped there with the reason, never in CI."""

import os

import pytest

from lambdadeck.engine.languages import toolchains

FIND = {"nodejs": toolchains.node, "java": toolchains.jdk, "csharp": toolchains.csharp}


def needs(language: str) -> None:
    """Skip the test if this machine lacks the language, and say how to install it."""
    try:
        FIND.get(language, lambda: None)()
    except toolchains.MissingToolchainError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
