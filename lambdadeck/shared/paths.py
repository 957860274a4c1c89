"""Where the checkout keeps its files."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"
NOTEBOOKS = ROOT / "notebooks"
DECK = NOTEBOOKS / "aws-lambda.ipynb"
