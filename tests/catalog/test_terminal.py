"""What the commands print fits a terminal, 80 columns wide or 120: lines end between words. A pipe gets whole lines."""

import io
import math
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import catalog
import dlr
from catalog import registry
from catalog.app import cards, hardest, ledger, output, preview, sweep_tables, tables
from catalog.app.layout import UNLIMITED, Column, Fields, Matrix, Paragraph, Rows
from catalog.app.proof import ProofRecord
from catalog.app.validate import Record, tasks_for
from catalog.claim import Evidence, Kind
from catalog.guarantees import promises_for
from catalog.plugins import Plugin
from dlr.solver import problem_for

REST = (True, 0.5, 1.0, 0.5, "", 1, "", 0.1)
"""Fields of a record from its verdict on."""

SNAPSHOTS = Path(__file__).parents[1] / "data" / "terminal"
WIDTHS = (80, 120)
NAMES = ("validate", "falsify", "certify", "targets", "report", "claims", "cite", "solve", "sweep", "new", "plugins")
COMMANDS = [
    "claims",
    "claims P3 N4",
    "claims --catches",
    "claims P1 N5a --proof",
    "targets",
    "targets rotation grcar",
    "validate --claim P2",
    "validate --claim I9 --claim N3",
    "validate --target-file own.json --claim P3 --claim P4b --claim P5",
    "solve own.json --depth 3",
    "solve householder --depth 4",
    "solve rotation --depth 8 --step-size proved",
    "falsify I9 --tries 2",
    "falsify P4 --without symmetric --tries 4",
    "certify householder --depth 2 --steps 20",
    "plugins",
    "--version",
    "--help",
    *(f"{name} --help" for name in NAMES),
    "sweep show --help",
    "sweep --list",
]


@pytest.fixture
def printed(run, monkeypatch, tmp_path):
    """What ``dlr`` prints in a terminal of a width, or to a pipe where it is None."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.json").write_text("[[2, 0.5], [0.5, 1]]", encoding="utf-8")

    def command(arguments: str, width: int | None = None) -> str:
        with monkeypatch.context() as patch:
            patch.setenv("COLUMNS", str(width or 40))
            patch.setenv("TERM", "xterm")
            patch.setattr(sys.stdout, "isatty", lambda: width is not None)
            return re.sub(r"\x1b\[[0-9;]*m", "", run(*arguments.split())[1])

    return command


def in_width(contents, width):
    """Lines of a layout."""
    return "".join(f"{line.plain}\n" for content in contents for line in content.lines(width))


def words(text):
    """The words, numbers without their digits: times differ from run to run."""
    return {re.sub(r"\d+", "0", word) for word in text.split()}


def assert_fits(text, width, whole):
    assert text.strip()
    too_long = [line for line in text.splitlines() if len(line) > width]
    assert not too_long
    assert words(text) <= words(whole)
    assert not re.search(r" +$", whole, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_fits_the_terminal_and_folds_no_word(printed, command: str) -> None:
    whole = "" if command.endswith("--help") else printed(command)
    for width in WIDTHS:
        text = printed(command, width)
        if command.endswith("--help"):
            assert max(map(len, text.splitlines())) <= width
        else:
            code = text.partition("This shows it again:")[0]  # lines of code, to be pasted, are not broken
            assert_fits(code, width, whole)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("identifier", [claim.identifier for claim in registry.all_claims().values()])
def test_a_claims_card_fits(identifier: str, width: int) -> None:
    claim = registry.claim_named(identifier)
    entry = ledger.recorded().get(claim.name, {})
    records = (hardest.hardest_instances(depth).get(identifier, {}) for depth in (1, 2))
    card = list(cards.claim_card(claim, list(registry.all_families()), entry, *records))
    assert_fits(in_width(card, width), width, in_width(card, UNLIMITED))
    assert in_width(card, width).startswith(f"{identifier} {claim.name}: {claim.kind.value}, ratio ")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_row_for_every_claim_fits(width: int) -> None:
    records = [
        Record(claim.identifier, claim.name, claim.kind.value, "", "negative-spectrum-learned", 1e-16, 64, "", *REST)
        for claim in registry.all_claims().values()
    ]
    table = tables.summary_table(records)
    assert_fits(in_width([table], width), width, in_width([table], UNLIMITED))
    verdicts = [line[table.columns[0].width :].split()[0] for line in in_width([table], width).splitlines()[1:]]
    kinds = [claim.kind for claim in registry.all_claims().values()]
    assert verdicts == ["open" if kind is Kind.CONJECTURE else "holds" for kind in kinds]
    columns = ["claim", "verdict", "ratio", "at", "checks", "targets"]
    assert in_width([table], width).splitlines()[0].split() == [c for c in columns if width == 120 or c != "at"]


@pytest.mark.parametrize("width", WIDTHS)
def test_verdict_comes_first_and_what_is_violated_after_it(printed, monkeypatch, width: int) -> None:
    claims = {name: registry.claim_named(name) for name in ("I9", "P2", "P4")}
    for name in ("P2", "P4"):
        monkeypatch.setitem(claims[name].__dict__, "check", lambda problem: Evidence(observed=0.25, bound=1.0))
    monkeypatch.setattr(registry, "all_claims", lambda: claims)
    first, shared, _, header, p2, p4, _, _, *rows, _, last = printed("validate", width).splitlines()
    assert re.fullmatch(r"63 violated: \d+ checks of 3 claims on \d+ targets", first)
    assert (shared, header.split()[:3]) == ("gradient-descent", ["claim", "verdict", "target"])
    assert [row.split()[:2] for row in (p2, p4)] == [["P2", "violated"], ["P4", "violated"]]
    assert [re.search(r"holds|\d+ violated", row)[0] for row in rows] == ["holds", "18 violated", "45 violated"]
    assert last == "63 violated; dlr validate -v shows every check"
    lines = printed("validate --claim I9 --claim P2", width).splitlines()
    assert [row.split()[1] for row in lines[3:]] == ["violated"] * 18 + ["holds"] * (len(lines) - 21)


def test_a_pipe_gets_one_line_a_row_whatever_columns_says(printed, monkeypatch) -> None:
    lines = printed("claims").splitlines()
    assert len(lines) == len(registry.all_claims()) + 3
    assert max(map(len, lines)) > 120
    for claim in registry.all_claims().values():
        assert any(line.endswith(tables.plain(claim.statement).replace("\N{NO-BREAK SPACE}", " ")) for line in lines)


def test_version(printed) -> None:
    assert printed("--version") == f"dlr {dlr.__version__}\n"


TARGETS = ["householder", "negative-spectrum-learned", "lehmer"]
LEDGER = {"checks": 28, "ratio": 0.733, "at": "lehmer, L = 64", "share_of_cap": [0.5, 0.5]}
ELSEWHERE = {**LEDGER, "share_of_cap": [0.25, 0.5], "catches": {"never moves": [], "half steps": []}}


def checks() -> list[Record]:
    """Of two claims, one a lower bound, and of a conjecture: held, violated and without a ratio."""
    made = []
    for identifier, ratios in (("P3", (0.5, None, 0.25)), ("P2", (3.0, 1.25)), ("C1", (0.9,)), ("P4", (0.75, 1.5))):
        claim = registry.claim_named(identifier)
        for row, ratio in enumerate(ratios):
            seen = (
                ratio is None or identifier != "P4" or ratio > 1,
                1234.5 * (ratio or 0.0),
                1234.5,
                ratio,
                "",
                1,
                "",
                0.1,
            )
            algorithm = "penalized" if identifier == "P2" else "gradient-descent"
            made.append(
                Record(
                    identifier, claim.name, claim.kind.value, "", TARGETS[row], 1e-16 * row, 8 + row, algorithm, *seen
                )
            )
    return made


def plugins() -> list[Plugin]:
    """One that brings several objects, and one that is broken."""
    reasons = "can't be imported: No module named 'nowhere'", "no [list]"
    names = ["lab.spiral", "lab.damped", *(f"lab.turn-{number}" for number in range(9))]
    entries = dict.fromkeys(names, registry.all_families()["rotation"])
    return [
        Plugin("dlr.targets", "lab", "lab_targets", "lab", "1.0", entries),
        Plugin("dlr.claims", "broken", "nowhere", "elsewhere", "2.0", {}, reasons),
    ]


def steps_of_proofs() -> list[ProofRecord]:
    """One proved and two that are not."""
    return [
        ProofRecord("P3", "a", "x <= [y]", {"x": (0.0, 1.5), "y": (-1.0, 1e9)}, True, (0.125, 0.5), 1200, ""),
        ProofRecord("N4", "b", "false", {}, False, (-0.5, 0.5), 7, "refuted at x = 1"),
        ProofRecord("N4", "b", "hard", {"u": (0.0, 1.0)}, False, (-0.5, 0.5), 20000, "undecided after 20,000 boxes"),
    ]


def promised(depth: int, algorithm: dlr.Algorithm | None = None, step_size: float | None = None) -> Paragraph:
    """The lines of `preview.promise_lines` for a target with both eigenvalues positive."""
    problem = problem_for([[2.0, 0.5], [0.5, 1.0]], depth, algorithm or dlr.GradientDescent(step_size), tol=1e-6)
    return Paragraph("\n".join(preview.promise_lines(problem, promises_for(problem), {})))


SCREENS = {
    "cards": lambda: [
        *cards.claim_card(registry.claim_named("N4"), [], {}, {}, {}),
        *cards.claim_card(
            registry.claim_named("P4"), TARGETS, LEDGER, {"ratio": 1.25, "depth": 2}, {"ratio": 2, "depth": 2}
        ),
        *cards.claim_card(registry.claim_named("I2"), TARGETS[:1], ELSEWHERE, {"ratio": 1.0, "depth": 1}, {}),
        *cards.claim_card(registry.claim_named("P1c"), TARGETS[:1], ELSEWHERE, {}, {}),
        *cards.target_card(registry.target("rotation(angle=1)"), []),
    ],
    "checks": lambda: [
        tables.record_table(checks()),
        tables.summary_table(checks()),
        tables.record_table(checks()[:2]),
    ],
    "lists": lambda: [
        tables.claim_table(
            [registry.claim_named(name) for name in ("P3", "I2", "N4")], {"positive-definite-converges": LEDGER}
        ),
        tables.target_table(catalog.target(name) for name in TARGETS),
        tables.catch_table(
            [registry.claim_named(name) for name in ("P3", "P4")], {"positive-definite-converges": ELSEWHERE}
        ),
    ],
    "plugins": lambda: [tables.plugin_table(plugins()), tables.proof_table(steps_of_proofs())],
    "promised": lambda: [
        promised(4, step_size=0.01),
        promised(4, step_size=0.4),
        promised(4, dlr.Penalized(0.1)),
        promised(1, dlr.PowerProjection(0.5, 0.01)),
        preview.claim_table(
            tasks_for([registry.claim_named(name) for name in ("P3", "P2", "P4", "I2")], map(catalog.target, TARGETS))
        ),
    ],
}
"""Contents of screens, of nothing that a new claim or target changes."""


@pytest.mark.parametrize("name", ["claim", "target", "validate", "solve", *SCREENS])
@pytest.mark.parametrize("width", WIDTHS)
def test_screens_are_as_on_record(printed, name: str, width: int) -> None:
    p3, n2a = (registry.claim_named(identifier) for identifier in ("P3", "N2a"))
    records = {"ratio": 0.9, "depth": 1}, {"ratio": 0.7, "depth": 2}
    screens = {
        "claim": lambda: in_width(cards.claim_card(p3, ["hilbert", "lehmer"], LEDGER, *records), width),
        "target": lambda: in_width(cards.target_card(registry.target("rotation"), [p3, n2a]), width),
        "validate": lambda: printed("validate --claim P2 --target householder", width),
        "solve": lambda: printed("solve householder --depth 4", width),
    }
    shown = in_width(SCREENS[name](), width) if name in SCREENS else screens[name]()
    screen = re.sub(r"\d\.\d+e-\d+|(?<=/ rounding )\S+|(?<=T Phi - I )\S+", "#", shown)  # the machine's own
    file = SNAPSHOTS / f"{name}-{width}.txt"
    if os.environ.get("DLR_RECORD_SCREENS"):
        file.write_text(screen, encoding="utf-8")
    assert screen == file.read_text(encoding="utf-8"), "if it should be, run again with DLR_RECORD_SCREENS=1"


def test_a_narrow_table_drops_columns_in_their_order_and_no_letter() -> None:
    columns = (Column("name", ["alpha"]), Column("long", ["x" * 30]), Column("text", ["one two " * 9], flows=True))
    table = Rows((*columns, Column("n", ["7"], right=True)), spare=("long", "n"))
    assert in_width([table], 200).splitlines()[0].split() == ["name", "long", "text", "n"]
    assert in_width([table], 60).splitlines()[0].split() == ["name", "text", "n"]
    assert in_width([table], 38).splitlines()[0].split() == ["name", "text"]
    assert in_width([table], 10).splitlines()[0].split() == ["name", "text"]
    assert in_width([table], 38).count("one") == 9


def test_fields_leave_out_what_is_empty_and_align_what_is_not() -> None:
    fields = Fields((("one", "a b"), ("none", ""), ("three", ["c " * 20, "d"])), label=8)
    assert in_width([fields], 45).splitlines() == [
        "one       a b",
        "three     " + " ".join("c" * 17),
        "            " + " ".join("c" * 3),
        "          d",
    ]


def test_a_matrix_that_is_too_wide_ends_in_dots() -> None:
    matrix = Matrix(dlr.matrices.balanced_factorization([[2.0]], 1)[0].repeat(9, 0).repeat(9, 1) / 3)
    assert in_width([matrix], 80).count("0.667") == 81
    assert in_width([matrix], 30).splitlines()[0] == "0.667  0.667  0.667  ..."
    assert in_width([matrix], 30).splitlines()[-1] == "  ...  (9 x 9)"


@pytest.mark.parametrize(("width", "whole"), [(16 * 3 - 2, True), (16 * 3 - 3, False)])
def test_a_matrix_is_shown_in_full_where_it_just_fits(width: int, whole: bool) -> None:
    lines = in_width([Matrix(np.eye(16))], width).splitlines()
    assert len(lines) == (16 if whole else 15)
    assert lines[-1].endswith("(16 x 16)") != whole
    assert in_width([Matrix(np.eye(17))], 200).splitlines()[-1].split() == ["...", "(17", "x", "17)"]


def test_lines_are_as_long_as_they_may_be() -> None:
    assert in_width([Paragraph("  one two")], 9).splitlines() == ["  one two"]
    assert in_width([Paragraph("  one two")], 8).splitlines() == ["  one", "  two"]
    assert in_width([Paragraph("three")], 2).splitlines() == ["three"]
    assert in_width([Paragraph("x " * 70)], 200).splitlines()[0] == ("x " * 55).rstrip()
    assert len(in_width([Paragraph("x " * 70)], UNLIMITED).splitlines()) == 1
    table = Rows(
        (Column("name", ["alpha"]), Column("spare", ["1"]), Column("text", ["x" * 31], flows=True)), ("spare",)
    )
    assert in_width([table], 5 + 2 + 5 + 2 + 30).split()[1] == "spare"
    assert in_width([table], 5 + 2 + 5 + 2 + 29).split()[1] == "text"


NUMBERS = {
    **{None: "-", float("nan"): "-", float("-inf"): "-inf", -0.0: "0", 7: "7", 1e6: "1,000,000", 1234.5: "1.23e+03"},
    **{999_999_999_999_999: "999,999,999,999,999", 1e15: "1e+15", -1e15: "-1e+15", 0.12345: "0.123", -2.5: "-2.5"},
}
MEASURED = {999.4: "999", 999.5: "1,000", -1234.5: "-1,234", 12.345: "12.3", 1e14 + 0.25: "100,000,000,000,000"}
MEASURED |= {9.5e14 + 0.25: "950,000,000,000,000", 1e15: "1e+15", -math.inf: "-inf"}


def test_numbers_are_for_people() -> None:
    assert {number: tables.readable(number) for number in NUMBERS} == NUMBERS
    assert {number: tables.rounded(number) for number in MEASURED} == MEASURED
    assert [tables.counted(number, "claim") for number in (0, 1, 1200)] == ["0 claims", "1 claim", "1,200 claims"]


def test_the_shipped_specs_are_a_table(monkeypatch) -> None:
    specs = {"few": [1] * 7, "many": [1] * 1_200}
    monkeypatch.setattr(sweep_tables, "SHIPPED", specs)
    asked = {name: type("Spec", (list,), {"title": f"{name}?"})(cells) for name, cells in specs.items()}
    monkeypatch.setattr(sweep_tables, "read_spec", asked.__getitem__)
    shown = ["spec  cells  asks", "few       7  few?", "many  1,200  many?"]
    assert in_width([sweep_tables.spec_table()], 40).splitlines() == shown


EXITS = """
  0    fine, also where a reader such as head closes the pipe early
  1    a claim is violated, a step of a proof not proved, solve ends above its
       tolerance, or certify does not certify
  2    bad input, or an output that can't be written
  3    an internal error
  130  interrupted by Ctrl-C
  143  ended by SIGTERM
"""


def test_help_says_what_each_exit_code_means(printed) -> None:
    assert printed("--help", 100).partition("Exit codes:")[2] == EXITS


@pytest.mark.parametrize(
    ("terminal", "forced", "shown"),
    [(True, "", "\x1b[1mx\x1b[0m 1 2.5\n"), (False, "", "x 1 2.5\n"), (False, "1", "\x1b[1mx\x1b[0m 1 2.5\n")],
)
def test_what_is_bold_is_so_in_a_terminal_and_numbers_have_no_colour(terminal, forced, shown, monkeypatch, capsys):
    for name in ("NO_COLOR", "TTY_COMPATIBLE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    if forced:
        monkeypatch.setenv("FORCE_COLOR", forced)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    output.show("[bold]x[/] 1 2.5")
    assert capsys.readouterr().out == shown


def test_what_the_stream_can_not_encode_is_escaped(monkeypatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    output.show("[bold]λ[/] x")
    assert (stream.buffer.getvalue(), output.can_show("λ"), output.can_show("x")) == (b"\\u03bb x\n", False, True)


def test_markup_of_others_is_text() -> None:
    console = Console(width=80)
    with console.capture() as capture:
        console.print(Paragraph(tables.literal("[bold]x[/] a\nb\x07")))
    assert capture.get() == "[bold]x[/] a b?\n"
