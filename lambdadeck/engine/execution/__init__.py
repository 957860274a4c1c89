"""Execution environments: pool, processes, Runtime API, logs."""
