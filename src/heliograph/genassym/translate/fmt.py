"""An offsets.in as it is usually written: types at the left, members behind a tab, a tab between words."""

from __future__ import annotations

import re

__all__ = ["formatted"]

_CONTINUED = re.compile(r"\\[ \t]*$")
_LEAVE = re.compile(r"/[*/]|\*/|[\"']")


def formatted(text: str) -> str:
    r"""Return the file with the same meaning in the usual form.

    Lines that start with ``#`` or a backslash, lines with comments and lines that go on in the next keep their text;
    several empty lines become one, and blanks at the end of a line go.
    """
    found: list[str] = []
    inside = blank = continued = comment = False
    for line in text.split("\n"):
        if continued or comment or _CONTINUED.search(line) or _LEAVE.search(line):
            found.append(line)
            continued = bool(_CONTINUED.search(line))
            if comment or not line.startswith("\\") or line.startswith("\\#"):
                comment = _opens(line, comment)
            if not line.startswith(("\\", "#")):
                # What such a line is depends on more than its words: the lines after it keep their place.
                inside, blank = True, False
                found[-1] = line
            continue
        plain = line.rstrip()
        if not plain:
            blank = True
            if found and found[-1]:
                found.append("")
            continue
        if plain.startswith("#"):
            blank = blank or not plain.startswith("#include")
            found.append(plain)
            continue
        if plain.startswith("\\"):
            if plain.startswith("\\#") and blank:
                inside = blank = False
            found.append(plain)
            continue
        if blank and not plain[0].isspace():
            inside = False
        blank = False
        words = plain.split()
        if not inside and plain[0].isspace() and found and found[-1] == "":
            found.append(plain)  # Without its indentation it would end what an earlier line began.
        else:
            found.append(("\t" if inside else "") + "\t".join(words))
        inside = True
    while found and not found[-1]:
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
