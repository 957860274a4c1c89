"""Run a notebook and read its slides."""

RUN = "lambdadeck_run"  # notebook metadata: where and when its cells ran
