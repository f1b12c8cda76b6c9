"""Every comparison with a judge, and every difference that was looked into."""

from __future__ import annotations

from heliograph.oracles import frames, signals, types
from heliograph.oracles.comparison import Comparison, Known
from heliograph.oracles.x86 import comparisons as x86

__all__ = ["COMPARISONS", "KNOWN"]

COMPARISONS: tuple[Comparison, ...] = (*signals.COMPARISONS, *frames.COMPARISONS, *x86.COMPARISONS, *types.COMPARISONS)
"""The comparisons in the order of their subjects."""

KNOWN: tuple[Known, ...] = (*signals.KNOWN, *frames.KNOWN, *x86.KNOWN, *types.KNOWN)
"""Named and dated differences; anything else that differs is a failure."""
