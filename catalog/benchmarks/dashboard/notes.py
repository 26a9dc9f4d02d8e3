"""Reads which changes for the worse the changelog accepts, and why.

A note names the last commit measured before the change, and the series as asv writes them, where ``*`` stands for any
text::

    * Accepted after 1a2b3c4d: `iterations.Hilbert.track_iterations(8, *)`, `speed.*`, because ...

It holds for the first change for the worse after that commit, of each series, and for no other.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from .history import Commit
from .judgement import Change, Judged

CHANGELOG = Path("CHANGELOG.md")
NOTE = re.compile(r"Accepted after ([0-9a-f]{7,40}): ((?:`[^`]+`(?:, )?)+),? because (.+)")


@dataclass(frozen=True)
class Note:
    """One line of the changelog.

    Attributes
    ----------
    commit : str
        The beginning of a hash.
    patterns : tuple of str
    reason : str
    """

    commit: str
    patterns: tuple[str, ...]
    reason: str

    def names(self, series: str) -> bool:
        """Whether it is about a series."""
        return any(fnmatchcase(series, pattern.replace("[", "[[]")) for pattern in self.patterns)


def read_notes(changelog: str) -> tuple[Note, ...]:
    """The notes of a changelog, each a paragraph or an item of a list."""
    paragraphs = re.split(r"\n\s*\n|\n(?=[*-] )", changelog)
    found = [NOTE.search(" ".join(paragraph.split())) for paragraph in paragraphs]
    return tuple(Note(one[1], tuple(re.findall("`([^`]+)`", one[2])), one[3]) for one in found if one)


def reason(notes: Sequence[Note], commits: Sequence[Commit], change: Change, judged: Judged) -> str:
    """Why the changelog accepts a change; empty where it does not."""
    place = change.after.commit.place
    for note in notes:
        commit = next((one for one in commits if one.hash.startswith(note.commit)), None)
        if commit is None or not note.names(change.series.name):
            continue
        since = [one for one in judged.changes if one.worse and one.after.commit.place > commit.place]
        if since and since[0].after.commit.place == place:
            return note.reason
    return ""
