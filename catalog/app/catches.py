"""Which wrong solvers a claim catches, on problems that are the same everywhere.

These are the claim's problems on named targets and its hardest problem on record; what draws of Hypothesis catch beyond
that depends on what else is loaded. A catch counts where no rounding could undo it. The ledger records it with its
problem, so that a test can see it again.
"""

from catalog import registry
from catalog.app import hardest
from catalog.app.attempt import COUNT, Try
from catalog.app.validate import tasks_for
from catalog.app.wrong_solvers import GALLERY, corrected, with_wrong_step
from catalog.claim import Claim
from catalog.ingredients import with_step_size
from dlr import Problem
from dlr.arguments import InputError

SHORTEST, LONGEST = 6, 200_000
"""Problems on named targets that are tried, those with the shortest runs; the longest run, in layers times steps."""

CLEAR, CLEAR_OF_ROUNDING = 1.01, 10.0
"""How many times its bound a catch is from it, the latter where the bound is a rounding allowance."""

SHORTER = 0.999
"""Share of a problem's step at which a catch is seen, too: of some runs at just twice the largest step rounding decides
where they end."""

ON_RECORD = "hardest on record"


def caught_by(claim: Claim) -> dict[str, str]:
    """The wrong solvers that the claim catches, each with a problem on which it does; none where nothing is run."""
    problems = problems_of(claim)
    cost = {key: claim(problem).steps * problem.depth for key, problem in problems.items()}  # 0 where nothing is run
    tried = sorted((key for key in problems if 0 < cost[key] <= LONGEST), key=lambda key: (cost[key], key))
    shortest = [key for key in tried if key != ON_RECORD][:SHORTEST] + [key for key in tried if key == ON_RECORD]
    found: dict[str, str] = {}
    for name in GALLERY:
        for key in shortest:
            if name not in found and is_caught(claim, problems[key], name):
                shorter = with_step_size(problems[key], SHORTER * problems[key].step_size)
                if is_caught(claim, shorter, name):
                    found[name] = key
    return found


def problems_of(claim: Claim) -> dict[str, Problem]:
    """The claim's problems by a description that tells them apart."""
    problems: dict[str, Problem] = {}
    for task in tasks_for([claim], registry.targets()):
        problem = task.problem
        problems.setdefault(f"{task.target.name}, L = {problem.depth}, {problem.algorithm.name}", problem)
    record = hardest.hardest_instances().get(claim.identifier)
    if record is not None:
        problems[ON_RECORD] = hardest.recorded_problem(record)
    return problems


def is_caught(claim: Claim, problem: Problem, name: str) -> bool:
    """Whether the claim clearly fails with this wrong step; where it can't be run, nothing is caught."""
    if name.startswith("correction") and not corrected(problem):
        return False
    try:
        tried = Try(claim, problem, claim(with_wrong_step(problem, name)))
    except InputError:
        return False
    if claim.quantity == COUNT:
        return tried.violates
    clear = CLEAR_OF_ROUNDING if claim.kind.bounds_rounding else CLEAR
    return tried.hardness >= clear
