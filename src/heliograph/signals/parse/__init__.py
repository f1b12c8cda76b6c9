"""Text to model: signals, sets and wait statuses, a layer's own table, a log of lx."""
