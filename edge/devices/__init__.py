"""Terminals: what one can do (`driver`), which there are (`registry`), and a folder for each family."""
