"""Settings for the whole suite."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A shared machine is not a stopwatch, and a run leaves nothing behind in the checkout.
settings.register_profile("house", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
