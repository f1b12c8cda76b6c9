"""The calling convention of the original tool, as a command line of helio."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from heliograph.errors import UsageError

__all__ = ["USAGE", "Invocation", "invocation"]

USAGE = "Usage: genoffsets [-k] [-v] [-s ctfstabs] [-r ctfconvert] compiler [options] < offsets.in > assym.h"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What was asked for: the words for helio, and remarks for standard error."""

    argv: tuple[str, ...]
    remarks: tuple[str, ...]


def invocation(argv: Sequence[str]) -> Invocation:
    """Translate the words after ``genoffsets``.

    :raises UsageError: an unknown option, or no compiler.
    """
    words = list(argv)
    verbose = False
    remarks = []
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word == "--":
            break
        for position, letter in enumerate(word[1:], 1):
            if letter in "kv":
                verbose = True
                if letter == "k":
                    remarks.append("genoffsets: -k: there are no temporary files to keep")
            elif letter in "sr":
                value = word[position + 1 :] or (words.pop(0) if words else "")
                if not value:
                    raise UsageError(USAGE)
                remarks.append(f"genoffsets: -{letter} {value}: not needed, the compiler alone is asked")
                break
            else:
                raise UsageError(USAGE)
        if word == "-":
            raise UsageError(USAGE)
    if not words:
        raise UsageError(USAGE)
    remarks.append(f"+ {shlex.join(words)}")
    return Invocation(
        argv=("genassym", "gen", "-", f"--cc={shlex.join(words)}"), remarks=tuple(remarks) if verbose else ()
    )
