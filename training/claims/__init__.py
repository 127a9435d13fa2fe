"""Training truths and lies about notes, made by program."""
