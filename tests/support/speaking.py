"""Tests in languages that a machine may lack: they are skipped there, and say why; in CI none may be lacking."""

import os

import pytest

from lambdadeck.engine.languages import toolchains

FIND = {"nodejs": toolchains.node, "java": toolchains.jdk, "csharp": toolchains.csharp}


def needs(language: str) -> None:
    """Skip the test where this machine lacks the language, with the sentence that says how to install it."""
    try:
        FIND.get(language, lambda: None)()
    except toolchains.MissingToolchainError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))
