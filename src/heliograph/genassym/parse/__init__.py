"""Text and bytes to the model."""
