"""The notebook as one HTML page: an nbconvert exporter, and the command that runs the deck and writes the page."""
