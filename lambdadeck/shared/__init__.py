"""What every package may use: paths, state, names, tables, style, formatting, redaction."""
