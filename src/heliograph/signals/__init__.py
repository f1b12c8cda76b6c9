"""Signals between Linux, Solaris and the BSDs: numbers, masks, wait statuses and delivery."""
