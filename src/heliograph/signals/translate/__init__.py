"""The algorithms of the signals wing, each pure: model to model."""
