"""Sweeps: many runs over the product of axes, kept in a store, on any executor."""

__all__: list[str] = []
