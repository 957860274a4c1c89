"""A bootstrap for each language, and what starts it."""
