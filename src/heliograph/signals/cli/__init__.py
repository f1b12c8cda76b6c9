"""The commands ``helio signals ...``: options to model, model to views."""
