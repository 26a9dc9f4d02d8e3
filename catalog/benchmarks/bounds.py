"""Ratio of the convergence claims: steps taken over steps proved, by claim, target and depth.

A sharper bound raises the ratio, so asv.conf.json excludes the ratio from the search for regressions.
"""

from typing import Any, ClassVar

from catalog import registry

from .named_targets import benchmark_class, camel_case, matrix

all_claims: Any = getattr(registry, "all_claims", None) or vars(registry)["claims"]  # older name

TARGETS = {
    "near-identity-converges": ["identity-perturbation"],
    "positive-definite-converges": ["geometric-spectrum", "clustered-diagonal", "path-laplacian", "hilbert"],
    "margin-converges": ["identity-perturbation", "definite-plus-skew", "grcar"],
}
"""Targets by claim."""


class _Bound:
    """The claim's own problem on the target: its step size, its tolerance."""

    claim: ClassVar[str]
    target: ClassVar[str]
    param_names = ("depth",)
    params = ([2, 8],)

    def setup(self, depth: int) -> None:
        """Find the problem; n/a where the commit lacks claim or target, or its hypotheses leave no problem."""
        if self.claim not in all_claims():
            raise NotImplementedError(f"no claim {self.claim}")
        self.check = all_claims()[self.claim]
        problems = [p for p in self.check.problems(matrix(self.target), depth) if not self.check.dropped(p)]
        if not problems:
            raise NotImplementedError(f"no problem of {self.claim} on {self.target} at depth {depth}")
        self.problem = problems[0]

    def track_bound_ratio(self, depth: int) -> float | None:
        """Steps observed over steps proved; above 1 the claim is violated."""
        ratio: float | None = self.check(self.problem).ratio
        return ratio

    track_bound_ratio.unit = "observed / proved"  # type: ignore[attr-defined]


for _claim, _targets in TARGETS.items():
    for _target in _targets:
        _name = f"{camel_case(_claim)}On{camel_case(_target)}"
        globals()[_name] = benchmark_class(__name__, _name, _Bound, _target, measure=1, claim=_claim)
