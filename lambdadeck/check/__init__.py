"""The pre-flight check of scripts/check."""
