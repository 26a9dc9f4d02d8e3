"""Mutation testing: one small fault at a time in `dlr/` or `catalog/`, and whether the tests notice.

``python -m tests.mutants`` is described in CONTRIBUTING.md, under Checks.
"""
