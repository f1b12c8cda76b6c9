"""Literal rows with their sources."""
