"""How the relocations of each machine change the bytes of debug information. Written by hand.

Only the types that compilers put into debug sections stand here. ``IGNORED`` ones concern addresses of variables and
never where a type lies.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from heliograph.source import Source

__all__ = ["MACHINES", "SOURCES", "Machine"]

SOURCES = (
    Source(
        fact="relocations of x86-64, i386, AArch64, Arm, PowerPC, SPARC, MIPS, RISC-V, S/390, LoongArch, m68k",
        project="psABI",
        revision="2024",
        path="the relocation table of each processor supplement",
        note="only the absolute ones, the differences, and those of thread-local variables",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The relocations of a machine.

    :param name: what it is called in messages.
    :param sets: type to bytes that become the address of the symbol plus the addend.
    :param adds: type to bytes to which it is added.
    :param subtracts: type to bytes from which it is subtracted.
    :param ignored: types that concern no type of the program.
    """

    name: str
    sets: dict[int, int]
    adds: dict[int, int] = field(default_factory=dict)
    subtracts: dict[int, int] = field(default_factory=dict)
    ignored: frozenset[int] = frozenset()


MACHINES = {
    2: Machine(name="SPARC", sets={1: 1, 2: 2, 3: 4, 23: 4}, ignored=frozenset({0, 76, 77})),
    3: Machine(name="i386", sets={1: 4, 20: 2, 22: 1}, ignored=frozenset({0, 2, 32})),
    4: Machine(name="m68k", sets={1: 4, 2: 2, 3: 1}, ignored=frozenset({0, 4, 31})),
    8: Machine(name="MIPS", sets={2: 4, 18: 8}, ignored=frozenset({0, 39, 41})),
    18: Machine(name="SPARC V8+", sets={1: 1, 2: 2, 3: 4, 23: 4}, ignored=frozenset({0, 76, 77})),
    20: Machine(name="PowerPC", sets={1: 4, 24: 4}, ignored=frozenset({0, 26, 78})),
    21: Machine(name="PowerPC64", sets={1: 4, 24: 4, 38: 8, 43: 8}, ignored=frozenset({0, 26, 44, 78})),
    22: Machine(name="S/390", sets={1: 1, 3: 2, 4: 4, 22: 8}, ignored=frozenset({0, 5, 23, 52, 53})),
    40: Machine(name="Arm", sets={2: 4, 5: 2, 8: 1}, ignored=frozenset({0, 3, 106})),
    42: Machine(name="SuperH", sets={1: 4}, ignored=frozenset({0, 2})),
    43: Machine(name="SPARC V9", sets={1: 1, 2: 2, 3: 4, 23: 4, 32: 8, 54: 8}, ignored=frozenset({0, 76, 77})),
    62: Machine(name="x86-64", sets={1: 8, 10: 4, 11: 4, 12: 2, 14: 1}, ignored=frozenset({0, 2, 17, 21, 24})),
    83: Machine(name="AVR", sets={1: 4, 4: 2, 26: 1}, ignored=frozenset({0})),
    183: Machine(name="AArch64", sets={257: 8, 258: 4, 259: 2}, ignored=frozenset({0, 256, 260, 261, 1029})),
    243: Machine(
        name="RISC-V",
        sets={1: 4, 2: 8, 54: 1, 55: 2, 56: 4},
        adds={33: 1, 34: 2, 35: 4, 36: 8},
        subtracts={37: 1, 38: 2, 39: 4, 40: 8},
        # 6-bit and ULEB128 differences occur in line tables and ranges.
        ignored=frozenset({0, 8, 9, 51, 52, 53, 57, 60, 61}),
    ),
    247: Machine(name="BPF", sets={2: 8, 3: 4, 4: 4}, ignored=frozenset({0})),
    258: Machine(
        name="LoongArch",
        sets={1: 4, 2: 8},
        adds={47: 1, 48: 2, 50: 4, 51: 8},
        subtracts={52: 1, 53: 2, 55: 4, 56: 8},
        ignored=frozenset({0, 8, 9, 99, 105, 106, 107, 108}),
    ),
}
"""By ``e_machine``."""
