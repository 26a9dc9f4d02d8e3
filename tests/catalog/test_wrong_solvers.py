"""Every deliberately wrong solver is caught by the claims alone, on their own draws."""

from dataclasses import replace

import numpy as np
import pytest
from claim_draws import drawn

import catalog
from catalog.app import ledger
from catalog.app.catches import caught_by, is_caught, problems_of
from catalog.app.wrong_solvers import GALLERY, corrected, scaled, with_wrong_step
from catalog.claim import Claim, Evidence
from dlr import InputError, Problem

CLAIMS = {claim.identifier: claim for claim in catalog.all_claims().values()}
STEPS = ["I10", "I10b", "I10c", "I10d"]
"""The claims that compare every step with its definition."""


def catches(claim: Claim, name: str) -> bool:
    """Whether the claim fails on one of its problems with this wrong step; one that can't be run is no catch."""
    for problem in drawn(claim.name):
        if name.startswith("correction") and not corrected(problem):
            continue
        try:
            if not claim(with_wrong_step(problem, name)).holds(claim.kind):
                return True
        except InputError:
            continue
    return False


def runs(claim: Claim) -> bool:
    """Whether the claim's check runs the problem's algorithm."""
    return claim(drawn(claim.name)[0]).engine != "direct"


def right(state: np.ndarray, gradients: np.ndarray, eta: float) -> np.ndarray:
    """A step with a correction, a quarter of the state taken away."""
    assert isinstance(eta, float)
    assert gradients.shape == state.shape
    return 0.75 * state - eta * gradients


WRONG = {  # by its definition, from state, this step's gradients, those of the step before, and step size
    "never moves": lambda x, g, before, eta: x,
    "half steps": lambda x, g, before, eta: right(x, g, eta / 2),
    "three quarter steps": lambda x, g, before, eta: right(x, g, 0.75 * eta),
    "one and a half steps": lambda x, g, before, eta: right(x, g, 1.5 * eta),
    "double steps": lambda x, g, before, eta: right(x, g, 2 * eta),
    "0.3 steps": lambda x, g, before, eta: right(x, g, 0.3 * eta),
    "alternating steps": lambda x, g, before, eta: right(x, g, (1.95 if g is before else 0.05) * eta),
    "wrong sign": lambda x, g, before, eta: right(x, g, -eta),
    "zero gradient": lambda x, g, before, eta: 0.75 * x,
    "transposed gradient": lambda x, g, before, eta: right(x, g.transpose(0, 2, 1) if g.ndim == 3 else g.conj(), eta),
    "one layer left out": lambda x, g, before, eta: right(x, np.stack([*g[:-1], 0 * g[0]]), eta),
    "neighbour's gradient": lambda x, g, before, eta: right(x, np.stack([g[-1], *g[:-1]]), eta),
    "stale gradient": lambda x, g, before, eta: right(x, before, eta),
    "correction left out": lambda x, g, before, eta: x - eta * g,
    "correction doubled": lambda x, g, before, eta: 0.5 * x - eta * g,
    "correction on the wrong side": lambda x, g, before, eta: 1.25 * x - eta * g,
}


@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.parametrize("shape", [(3, 2, 2), (3, 2)], ids=["layers", "eigenvalues"])
def test_a_wrong_step_is_what_its_name_says(name: str, shape: tuple[int, ...]) -> None:
    rng, wrong = np.random.default_rng(0), GALLERY[name]()
    state, first, second = rng.standard_normal((3, *shape)) + 1j * (len(shape) == 2) * rng.standard_normal((3, *shape))
    for before, gradients in ((first, first), (first, second)):
        found = wrong(right, state, gradients, 0.1)
        assert found == pytest.approx(WRONG[name](state, gradients, before, 0.1), rel=1e-12)


class Quarter:
    """An algorithm whose steps are `right`."""

    name, step_size = "quarter", 0.5

    def step(self, layers: np.ndarray, gradients: np.ndarray, step_size: float) -> np.ndarray:
        return right(layers, gradients, step_size)

    def reduced_step(self, z: np.ndarray, gradients: np.ndarray, step_size: float, depth: int) -> np.ndarray:
        assert depth == 7
        return right(z, gradients, step_size)


def test_a_wrong_step_takes_the_place_of_both_steps() -> None:
    made = with_wrong_step(Problem(np.eye(2), 2, Quarter()), "half steps").algorithm
    assert (type(made).__name__, made.name, isinstance(made, Quarter)) == ("WrongQuarter", "quarter", True)
    layers, z = np.ones((2, 2, 2)), np.ones((2, 3))
    assert np.array_equal(made.step(layers, 2 * layers, 0.1), right(layers, 2 * layers, 0.05))
    assert np.array_equal(made.reduced_step(z, 2 * z, 0.1, 7), right(z, 2 * z, 0.05))


def test_a_stale_gradient_of_another_shape_is_not_taken() -> None:
    wrong, layers = GALLERY["stale gradient"](), np.ones((2, 2, 2))
    wrong(right, layers, layers, 0.1)
    assert np.array_equal(wrong(right, layers[:1], 2 * layers[:1], 0.1), right(layers[:1], 2 * layers[:1], 0.1))


@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.parametrize("identifier", STEPS)
def test_every_wrong_solver_is_caught_by_its_steps(identifier: str, name: str) -> None:
    """Against exact arithmetic, in the algorithm that it is put into; that of I10 has no correction to get wrong."""
    assert catches(CLAIMS[identifier], name) != (identifier == "I10" and name.startswith("correction"))


@pytest.mark.parametrize("identifier", CLAIMS)
def test_every_claim_about_a_run_or_its_partner_catches_the_solver_that_never_moves(identifier: str) -> None:
    claim = CLAIMS[identifier]
    if runs(claim):
        caught = catches(claim, "never moves")
        assert caught != bool(claim.partner), "a claim that no standstill violates names its partner, and no other does"
        assert caught or catches(CLAIMS[claim.partner], "never moves")


@pytest.mark.parametrize(
    "identifier", ["P1b", "P3b", "P4", "P5b", "I4", "I10", "I10b", "I10c", "I10d", "N2a", "N3", "N4"]
)
def test_the_right_step_in_the_same_place_is_not_caught(identifier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GALLERY, "right", lambda: scaled(1.0))
    claim = CLAIMS[identifier]
    for problem in drawn(claim.name)[:5]:
        assert claim(with_wrong_step(problem, "right")).holds(claim.kind)


@pytest.mark.parametrize(
    "identifier", [k for k, claim in CLAIMS.items() if ledger.recorded().get(claim.name, {}).get("catches")]
)
def test_every_catch_on_record_is_one_and_the_right_step_is_none_there(
    identifier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = CLAIMS[identifier]
    recorded, problems = ledger.recorded()[claim.name]["catches"], problems_of(claim)
    assert [name for name, key in recorded.items() if not is_caught(claim, problems[key], name)] == []
    monkeypatch.setitem(GALLERY, "right", lambda: scaled(1.0))
    assert [key for key in sorted({*recorded.values()}) if is_caught(claim, problems[key], "right")] == []


@pytest.mark.parametrize(
    ("identifier", "observed", "caught"),
    [
        *(("P3b", 1.001, False), ("P3b", 1.02, True), ("P3b", 0.5, False), ("P3b", np.nan, True)),
        *(("I2", 1.02, False), ("I2", 9.9, False), ("I2", 10.0, True), ("I2", np.nan, True)),
        *(("P3", 1.001, True), ("P3", 1.0, False), ("P3", InputError("no"), False)),
    ],
)
def test_a_catch_is_clear_of_rounding(identifier: str, observed: float | InputError, caught: bool) -> None:
    def check(problem: Problem) -> Evidence:
        if isinstance(observed, InputError):
            raise observed
        return Evidence(observed, 1.0)

    claim = CLAIMS[identifier]
    problem = next(iter(claim.problems(np.diag([1.0, 2.0]), 2)))
    assert is_caught(replace(claim, check=check), problem, "half steps") == caught
    assert not is_caught(replace(claim, check=check), problem, "correction left out")


def test_every_wrong_solver_is_on_record_as_caught_by_a_theorem_and_by_its_steps() -> None:
    by_steps = {name for identifier in STEPS for name in ledger.recorded()[CLAIMS[identifier].name]["catches"]}
    elsewhere = {
        name
        for identifier, claim in CLAIMS.items()
        if identifier not in STEPS
        for name in ledger.recorded().get(claim.name, {}).get("catches", {})
    }
    assert by_steps == elsewhere == set(GALLERY)


def test_command_shows_the_catches(run) -> None:
    code, out, _ = run("claims", "P3b", "I10b", "H1a", "--catches")
    assert code == 0
    assert "never moves" in out
    assert "H1a" not in out


def test_a_catch_is_on_the_problem_with_the_shortest_run(monkeypatch: pytest.MonkeyPatch) -> None:
    long, *_, short = sorted(problems_of(CLAIMS["P3"]).values(), key=lambda problem: -problem.depth)
    found = []
    for problems in ({"b": short}, {"a": long, "b": short}):
        monkeypatch.setattr("catalog.app.catches.problems_of", lambda claim, problems=problems: problems)
        found.append(caught_by(CLAIMS["P3"]))
    assert set(found[0].values()) == {"b"}
    assert found[0].items() <= found[1].items()


def test_what_a_claim_catches_is_found_as_it_is_on_record() -> None:
    claim = CLAIMS["P1"]
    assert caught_by(claim) == ledger.recorded()[claim.name]["catches"]
