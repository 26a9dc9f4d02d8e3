"""One BLAS thread, set before NumPy loads, and the Hypothesis profiles: dev, ci, thorough."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from hypothesis import settings

collect_ignore = ["data"]  # a package of its own, which test_outside_package installs and tests

settings.register_profile("dev", parent=settings.get_profile("default"), max_examples=50, deadline=None)
settings.register_profile(
    "ci",
    parent=settings.get_profile("ci"),
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
)
settings.register_profile(
    "thorough", parent=settings.get_profile("default"), max_examples=3000, deadline=None, derandomize=False
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")  # --hypothesis-profile overrides it
