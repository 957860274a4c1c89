"""What every other package may use: paths, state, names, tables, style, formatting, redaction, progress."""
