"""Benchmarks for asv; see asv.conf.json and, for the command that shows them, CONTRIBUTING.md.

asv takes the benchmark code from the work tree and the packages from the commit that it measures, and matches
parameters by position. So that a series never changes its meaning,

* names are written out here, never read from the catalog, and lists grow only at the end;
* ``setup`` raises `NotImplementedError`, which asv shows as n/a, where the commit lacks a target, its revision, an
  algorithm, a claim or an engine;
* every benchmark states its ``version``; asv starts a new series when it changes, and only then.
"""

__all__: list[str] = []
