"""An offsets.in as it is usually written: types at the left, members behind a tab, a tab between words."""

from __future__ import annotations

import re

__all__ = ["formatted"]

_CONTINUED = re.compile(r"\\[ \t]*$")
_LEAVE = re.compile(r"/[*/]|\*/|[\"']")
_MACRO = re.compile(r"^#\s*define\s+([A-Za-z_$][\w$]*)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_$][\w$]*")


def formatted(text: str) -> str:
    r"""Return the file with the same meaning in the usual form.

    Lines that start with ``#`` or a backslash, lines with comments, quotes or macros of the file and lines that go on
    in the next keep their text; several empty lines become one, and blanks at the end of a line go.
    """
    macros = set(_MACRO.findall(text))
    found: list[str] = []
    continued = comment = below = False
    for line in text.split("\n"):
        hidden = line.startswith("\\") and not line.startswith("\\#") and not continued  # Not even a comment sees it.
        goes_on = bool(_CONTINUED.search(line)) and not hidden
        odd = continued or comment or goes_on or (bool(_LEAVE.search(line)) and not hidden)
        if odd:
            found.append(line)
            comment = comment if hidden else _opens(line, comment)
            below = False
        elif not line.strip():
            if found and found[-1].strip():
                found.append("")
            below = False
        elif line[0] in "\\#":
            found.append(line.rstrip())
            below = below and hidden
        elif macros & set(_NAME.findall(line)):
            found.append(line.rstrip())
            below = False
        else:
            # Directly below such a line, indentation means nothing, and this is a member; elsewhere it decides.
            found.append(("\t" if below or line[0].isspace() else "") + "\t".join(line.split()))
            below = True
        continued = goes_on
    while found and not found[-1].strip():
        found.pop()
    return "\n".join([*found, ""]) if found else ""


def _opens(line: str, comment: bool) -> bool:
    """Return whether a comment is open at the end of a line."""
    position = 0
    while position < len(line):
        mark = "*/" if comment else "/*"
        at = line.find(mark, position)
        if at < 0 or (not comment and 0 <= line.find("//", position) < at):
            return comment
        position = at + 2
        comment = not comment
    return comment
