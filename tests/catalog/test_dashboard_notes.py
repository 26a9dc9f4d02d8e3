"""Notes are read from a changelog as people write one, and each accepts what it names and nothing else."""

from dataclasses import replace

import pytest
from made_history import COMMITS, commit, counts, tracked

from catalog.benchmarks.dashboard.judgement import judged
from catalog.benchmarks.dashboard.notes import Note, read_notes, reason

CHANGELOG = """# Changelog

* Something else.
  Accepted after abcdef0: `a.b(8, *)`, because it
  goes on `here`.
- Accepted after 0123456789: `a.*`, `b.c('d', 2)`, because of two.
Accepted after abcdef1: `not.apart`, because it is the same item.

Accepted after abcdef2: `a`, because of a paragraph.
* Accepted after abcde: `too.short`, because six digits are none.
* Accepted after abcdef3: no name, because there is none.
"""


def test_each_item_or_paragraph_is_a_note() -> None:
    assert read_notes(CHANGELOG) == (
        Note("abcdef0", ("a.b(8, *)",), "it goes on `here`."),
        Note(
            "0123456789",
            ("a.*", "b.c('d', 2)"),
            "of two. Accepted after abcdef1: `not.apart`, because it is the same item.",
        ),
        Note("abcdef2", ("a",), "of a paragraph."),
    )


@pytest.mark.parametrize(
    ("pattern", "name", "named"),
    [
        ("a.b(8, *)", "a.b(8, 'c')", True),
        ("a.b(8, *)", "a.b(2, 'c')", False),
        ("a.b", "a.b(2)", False),
        ("a.b([1, 2])", "a.b([1, 2])", True),
        ("a.b([1, 2])", "a.b(1)", False),
        ("A.*", "a.b", False),
        ("a.?", "a.b", True),
    ],
)
def test_a_star_is_any_text_and_brackets_are_brackets(pattern: str, name: str, named: bool) -> None:
    assert Note("abcdef0", ("other", pattern), "").names(name) == named


SERIES = tracked("a.track_b", "steps", counts({1: 5, 3: 7, 7: 6, 9: 8, 15: 9}))
JUDGED = judged(SERIES, 0.001)
LATER = [change for change in JUDGED.changes if change.worse]


@pytest.mark.parametrize(
    ("place", "accepted"),
    [(1, 3), (2, 3), (3, 9), (7, 9), (8, 9), (9, 15), (14, 15), (15, None), (22, None)],
)
def test_a_note_accepts_the_first_change_for_the_worse_after_its_commit(place: int, accepted: int | None) -> None:
    note = Note(commit(place).short, ("a.*",), "so")
    found = {change.after.commit.place: reason([note], COMMITS, change, JUDGED) for change in LATER}
    assert found == {change.after.commit.place: "so" * (change.after.commit.place == accepted) for change in LATER}


def test_a_note_on_another_series_or_an_unknown_commit_accepts_nothing_and_the_first_that_does_counts() -> None:
    right = Note(commit(1).short, ("a.track_b",), "first")
    others = [Note("0" * 8, ("*",), "unknown"), Note(commit(1).short, ("b.*",), "other")]
    change = LATER[0]
    assert reason(others, COMMITS, change, JUDGED) == ""
    assert reason([*others, right, replace(right, reason="second")], COMMITS, change, JUDGED) == "first"
