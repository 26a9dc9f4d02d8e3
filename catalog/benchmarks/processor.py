"""Reads the clock of the processors, which other programs on the machine disturb less than that on the wall."""

import time

__all__: list[str] = []


def processor_time() -> float:
    """Seconds of processor time of this process, all its threads, and its children that have ended."""
    import resource  # where benchmarks are not run there may be none

    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
