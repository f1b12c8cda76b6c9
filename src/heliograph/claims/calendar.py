"""The calendar rows: the days on which the posts appeared, and the one sentence that counts days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

__all__ = ["POSTS", "Post", "Row", "rows"]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post with the weekday that stands over it."""

    day: date
    weekday: str
    title: str


POSTS = (
    Post(day=date(2005, 5, 25), weekday="Wednesday", title="Hello?"),
    Post(day=date(2005, 6, 14), weekday="Tuesday", title="We now resume() your regular programming."),
    Post(day=date(2005, 6, 27), weekday="Monday", title="Episode I: The Phantom #defines"),
    Post(day=date(2005, 11, 10), weekday="Thursday", title="(amd64 page translation; the title is lost)"),
    Post(day=date(2005, 12, 13), weekday="Tuesday", title="Signal Corps"),
    Post(day=date(2006, 6, 14), weekday="Wednesday", title="Embedded Solaris? Why not?"),
    Post(day=date(2006, 10, 24), weekday="Tuesday", title='"Just trust us" as Microsoft\'s security policy'),
    Post(day=date(2007, 7, 20), weekday="Friday", title="The Xen of DomU Installation"),
)
"""The eight posts in the order of their days."""

_OPENING_DAY = date(2005, 6, 14)
_SAID_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Something that a calendar decides: what was printed and what it says."""

    id: str
    what: str
    said: str
    computed: str

    @property
    def agrees(self) -> bool:
        """Return whether the calendar agrees with the print."""
        return self.said == self.computed


def rows() -> list[Row]:
    """Return the weekdays of the posts (CC-01), then the days since the opening of OpenSolaris (EMB-12)."""
    weekdays = [
        Row(
            id="CC-01",
            what=f"{post.day.isoformat()}: {post.title}",
            said=post.weekday,
            computed=_DAYS[post.day.weekday()],
        )
        for post in POSTS
    ]
    written = next(post.day for post in POSTS if post.title.startswith("Embedded"))
    days = Row(
        id="EMB-12",
        what=f"days from {_OPENING_DAY.isoformat()} to {written.isoformat()}",
        said=str(_SAID_DAYS),
        computed=str((written - _OPENING_DAY).days),
    )
    return [*weekdays, days]
