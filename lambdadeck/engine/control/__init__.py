"""Lambda's control plane around ministack."""
