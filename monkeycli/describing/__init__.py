"""Descriptions of many levels: several generators look, weak evidence goes, a writer fuses it."""
