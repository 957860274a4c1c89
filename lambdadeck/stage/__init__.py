"""Present the deck: Jupyter, the server extension, recordings, shutdown."""
