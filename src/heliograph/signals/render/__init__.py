"""Model to views: what an answer of the signals wing shows."""
