"""Typesets the formulas of docstrings."""
