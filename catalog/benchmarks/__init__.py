"""Benchmarks for asv; see asv.conf.json.

Benchmark code comes from the work tree, the packages from the commit measured, and parameters are matched by
position. So names are listed literally, and a name that a commit lacks raises `NotImplementedError` (n/a).
"""
