"""The embedded Lambda: an AWS endpoint on 127.0.0.1 that runs functions."""

from lambdadeck.engine.model import ACCOUNT
from lambdadeck.engine.supervisor import Engine, EngineError, start

__all__ = ["ACCOUNT", "Engine", "EngineError", "start"]
