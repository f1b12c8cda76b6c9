"""A thread and a label of our own, in which the saved rbx lies at 0x50, and an offsets.in that asks for it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from heliograph.genassym.model import Missing, Place, Question

__all__ = ["ASSYM", "CC", "HEADER", "OFFSETS", "Known", "cc", "needs_cc"]

CC = shutil.which("gcc") or shutil.which("cc") or ""
needs_cc = pytest.mark.skipif(not CC, reason="no C compiler here")

HEADER = """\
typedef struct label { long val[8]; } label_t;
typedef struct worker {
    struct worker *w_next;
    char *w_stack;
    void (*w_start)(void);
    void *w_cpu;
    short w_affinity, w_bound;
    unsigned short w_flag, w_proc_flag, w_sched_flag;
    volatile char w_preempt;
    unsigned int w_state;
    int w_pri;
    label_t w_pcb;
    struct { int hour, minute; } w_when;
    union { int u_int; struct { short low, high; }; };
    unsigned w_ready : 3, w_nice : 9;
    int w_grid[3][5];
    struct worker *w_peers[4];
    char w_name[];
} worker_t;
union either { int e_int; char e_bytes[16]; };
enum colour { RED, GREEN };
struct both { int b_int; };
typedef char both;
struct hidden;
typedef struct hidden *hidden_p;
typedef unsigned char block_t[512];
#define w_hour w_when.hour
"""

OFFSETS = """\
\\ What the switch of two threads needs.
#include "machine.h"

worker_t\tWORKER_SIZE
\tw_pcb\tT_LABEL

label_t
\tval\tLABEL_VAL

\\#define\tLABEL_RBX\t(_MUL(_CONST(3), LABEL_VAL_INCR) + LABEL_VAL)
\\#define\tT_RBX\t(T_LABEL + LABEL_RBX)
"""

ASSYM = """\
#define\tWORKER_SIZE\t0xe8
#define\tT_LABEL\t0x38
#define\tLABEL_VAL\t0x0
#define\tLABEL_VAL_INCR\t0x8
#define LABEL_RBX (_MUL(_CONST(3), LABEL_VAL_INCR) + LABEL_VAL)
#define T_RBX (T_LABEL + LABEL_RBX)
"""


def cc(folder: Path, *options: str, program: str = CC, header: str = HEADER) -> str:
    """Write the header into a folder and return a compiler that finds it there."""
    (folder / "machine.h").write_text(header)
    return " ".join([program, *options, f"-I{folder}"])


@dataclass(frozen=True, slots=True)
class Known:
    """A source of types that has its answers in a dictionary: (type, path) to (offset or size, element)."""

    places: dict[tuple[str, str], tuple[int, int | None]]
    name: str = "a table"

    def answer(self, questions: Sequence[Question]) -> Sequence[Place | Missing]:
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Place | Missing:
        path = ".".join(map(str, question.steps))
        found = self.places.get((question.type, path))
        types = tuple(sorted({name for name, _ in self.places}))
        if found is None and question.type not in types:
            return Missing(why=f"no type is called {question.type}", known=types)
        if found is None:
            known = tuple(member for name, member in self.places if name == question.type and member)
            return Missing(why=f"{question.type} has no member {path}", known=known, step=0)
        number, element = found
        return Place(offset=number if path else 0, size=0 if path else number, element=element)
