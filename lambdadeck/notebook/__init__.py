"""Run a notebook and read its slides."""
