"""Says what a commit slowed, from results that asv stored: ``python -m catalog.benchmarks.dashboard``."""

__all__: list[str] = []
