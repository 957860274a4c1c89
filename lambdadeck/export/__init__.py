"""Export a notebook as one HTML page."""
