"""Model to views."""
