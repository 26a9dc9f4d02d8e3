"""Benchmarks for asv; see asv.conf.json and, for the command that shows them, CONTRIBUTING.md.

Benchmark code comes from the work tree, the packages from the commit measured, and parameters are matched by
position. So that a series never changes its meaning,

* names are listed literally, never asked of the catalog, and lists grow at the end only;
* what a commit lacks (a target, a target's revision, an algorithm, a claim, an engine) raises
  `NotImplementedError` in ``setup``, which asv shows as n/a;
* every benchmark states its ``version``; asv starts a new series when it changes, and only then.
"""
