"""What a user sees of a run: text, tables, figures, progress."""
