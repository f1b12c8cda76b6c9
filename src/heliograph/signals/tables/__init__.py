"""The facts of the signals wing: numbers (generated), systems, policies and the parts of the delivery path."""
