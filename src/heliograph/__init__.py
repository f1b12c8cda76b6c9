"""An executable atlas of Solaris kernel mechanisms, and the tools that draw it."""

__version__ = "0.1.0"
