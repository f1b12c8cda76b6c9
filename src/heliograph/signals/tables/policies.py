"""The policies: what happens to a signal that has no counterpart. Written by hand.

The three generations of lx share one table for 1..31; they differ in the real-time signals of the Solaris they ran on.
"""

from __future__ import annotations

from heliograph.signals.model import Code, Policy, PolicyRow
from heliograph.source import Source

__all__ = ["CODES", "POLICIES", "STAND_INS"]

_LX_2006 = Source(
    fact="lx-2006: the BrandZ integration",
    project="illumos/illumos-gate",
    revision="9acbbeaf2a1f",
    path="usr/src/lib/brand/lx/lx_brand/common/signal.c",
)
_LX_2008 = Source(
    fact="lx-2008: the number tables of onnv_86",
    project="alhazred/onarm",
    revision="2b3c7a498208",
    path="usr/src/common/brand/lx/lx_signum.c",
    note="compiled and dumped",
)
_LX_2019 = Source(
    fact="lx-2019: the number tables",
    project="zssfred/illumos-joyent",
    revision="6e2c24e15859",
    path="usr/src/common/brand/lx/lx_signum.c",
    note="compiled and dumped",
)
_UNMAPPED_2008 = "kill returns EINVAL, sigaction succeeds but is never delivered, a mask bit is dropped in silence"
_UNMAPPED_BACK_2008 = "it is ignored from the start, a mask bit is dropped in silence, a wait status aborts the process"

POLICIES = {
    row.policy: row
    for row in (
        PolicyRow(
            policy=Policy.STRICT,
            summary="by name and real-time index; what has no counterpart is lost, and the exit code says so",
            native=None,
            unmapped="",
            unmapped_back="",
            source=None,
        ),
        PolicyRow(
            policy=Policy.DROP,
            summary="as strict, but a loss is no failure",
            native=None,
            unmapped="",
            unmapped_back="",
            source=None,
        ),
        PolicyRow(
            policy=Policy.LX_2006,
            summary="the BrandZ integration of 2006-09-11",
            native="solaris-2005",
            unmapped=_UNMAPPED_2008,
            unmapped_back=_UNMAPPED_BACK_2008,
            source=_LX_2006,
        ),
        PolicyRow(
            policy=Policy.LX_2008,
            summary="BrandZ as of onnv_86",
            native="solaris-2005",
            unmapped=_UNMAPPED_2008,
            unmapped_back=_UNMAPPED_BACK_2008,
            source=_LX_2008,
        ),
        PolicyRow(
            policy=Policy.LX_2019,
            summary="the lx of illumos-joyent in 2019",
            native="illumos",
            unmapped="a mask bit is dropped in silence",
            unmapped_back=(
                "it is ignored from the start, a mask bit is dropped in silence, a siginfo or a wait status gets"
                " SIGKILL instead"
            ),
            source=_LX_2019,
            status="SIGKILL",
        ),
    )
}

STAND_INS = (("SIGSTKFLT", "SIGEMT"),)
"""(Linux, Solaris): signals that lx sends to each other although their names differ."""

CODES = {
    row.code: row
    for row in (
        Code(code="wrong-target", meaning="the table sends the signal to another number than the systems' names say"),
        Code(code="lost-signal", meaning="the table gives a counterpart to a signal that has none"),
        Code(code="missing-target", meaning="the table gives no counterpart to a signal that has one"),
        Code(code="stand-in", meaning="the table uses a stand-in as lx does: the names differ, the actions may"),
        Code(code="unknown-signal", meaning="the cell is no signal of its system"),
        Code(code="duplicate", meaning="the signal stands in an earlier row already"),
        Code(code="not-injective", meaning="two signals go to one number, so the way back is lost"),
        Code(code="wrong-name", meaning="the name column names another signal than the number column"),
        Code(code="missing-row", meaning="a signal that has a counterpart has no row"),
        Code(code="lx-pair", meaning="the pair in the log is not in the table of that generation"),
    )
}
