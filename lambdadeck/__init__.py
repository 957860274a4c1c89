"""AWS Lambda, live: the package that the notebooks import."""

__version__ = "0.2.0"
