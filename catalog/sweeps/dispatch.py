"""Hands cells that a store lacks to an executor, and puts into the store what comes back."""

import math
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from dataclasses import replace

from catalog.sweeps import executors
from catalog.sweeps.blocks import Block
from catalog.sweeps.specification import BLOCK, Spec
from catalog.sweeps.store import PACKS, Store
from catalog.sweeps.tally import Tally
from catalog.sweeps.work import FIRST, Computed, compute, compute_packed
from dlr.arguments import InputError, brief

__all__: list[str] = []

SECONDS = 0.5
"""What a worker computes before it returns, once it has finished at least one cell. Handing it out costs about a
millisecond on this machine and ten on a cluster."""

MOST = 4096
"""Most cells that are handed out at once."""

LEAST = 0.2
"""The least work that is worth handing out, as a share of `SECONDS`."""

WAITING_PER_WORKER, UNKNOWN_WORKERS = 3, 32
"""Calls submitted for each worker, and how many workers an executor is taken to have that does not say."""

AT_FIRST = 8
"""Calls submitted before one has told how long a cell takes."""

TICK = 0.1
"""Seconds between two looks at what else there is to do."""

GRACE = 1.0
"""Seconds that running calls get after an interrupt."""

ODD = 0x9E3779B1
"""Takes numbers that are next to each other, as those of processes, far apart."""

MEMORY = 0.8
"""Weight of what the last calls told of the time for a cell, beside the next ones."""


class Dispatch:
    """The state of a sweep that is running: what waits, what is being computed, and what is not yet stored."""

    def __init__(
        self, spec: Spec, store: Store, parts: Mapping[int, int], tally: Tally, tell: Callable[[Tally], object]
    ) -> None:
        self.spec, self.store, self.parts, self.tally, self.tell = spec, store, parts, tally, tell
        self.waiting: deque[Block] = deque()
        self.flying: dict[Future[Computed], int] = {}
        self.unstored: list[Computed] = []
        self.cells, self.seconds = 0.0, 0.0
        self.call = compute

    def over(self, places: Sequence[int], ready: AbstractContextManager[Executor], workers: int) -> Tally:
        """Run the cells of these blocks that the store lacks."""
        order = _scattered(places, os.getpid())
        with ready as executor:
            here = isinstance(executor, executors.ThisProcess)
            most = 1 if here else WAITING_PER_WORKER * workers
            self.call = compute if here or not PACKS else compute_packed
            try:
                settled = False
                while self._submit(executor, order, most):
                    if not (settled or self._unasked):  # workers are busy with the last calls, and this process is not
                        self.store.settle()
                        settled = True
                    self._keep(wait(self.flying, TICK, FIRST_COMPLETED).done)
            except BaseException as error:
                self._rescue(GRACE if isinstance(error, KeyboardInterrupt) else 0)
                if executors.lost(error):
                    raise InputError(self._loss(error)) from error
                raise
        return self.tally

    def _submit(self, executor: Executor, places: Iterator[int], most: int) -> bool:
        """Hand out work up to so many calls; returns whether any is under way."""
        while len(self.flying) < (most if self.cells else min(most, AT_FIRST)):
            work = self._next(places, most)
            if not work:
                break
            try:
                future = executor.submit(self.call, work, SECONDS, self._first())
            except RuntimeError as error:  # one that was shut down raises this
                raise InputError(f"executor takes no work ({brief(error)}): {self._advice()}") from error
            self.flying[future] = sum(len(block) for block in work)
        return bool(self.flying)

    def _next(self, places: Iterator[int], most: int) -> tuple[Block, ...]:
        """Cells that the store lacks, for one call."""
        wanted, work = self._size(most), []
        while wanted > 0:
            if not self.waiting:
                place = next(places, None)
                if place is None:
                    break
                block = self.spec.block(place)
                lacking = self.parts.get(place, len(block))
                if place in self.parts or not self.store.alone:
                    block = block.without(self.store.known(block.keys()))
                self.waiting.append(block)
                self._count(known=lacking - len(block))
            block = self.waiting.popleft()
            if len(block) > wanted:
                self.waiting.appendleft(block.between(wanted))
                block = block.between(0, wanted)
            if len(block):
                work.append(block)
            wanted -= len(block)
        return tuple(work)

    def _size(self, most: int) -> int:
        """Cells for one call: what takes a worker longer than it has, and toward the end an equal share of the rest.

        It is no less than a block where that can be done in time, since cells are run together.
        """
        share = -(-self._unasked // most)
        if not self.cells:
            return min(share, BLOCK)
        usual = SECONDS / self._pace
        return max(1, min(MOST, math.ceil(2 * usual), max(share, int(LEAST * usual), min(BLOCK, int(usual)))))

    def _first(self) -> int:
        """Cells to begin a call with: half of the time, by what the last ones took."""
        return max(FIRST, int(SECONDS / 2 / self._pace)) if self.cells else FIRST

    @property
    def _unasked(self) -> int:
        """Cells that are not known and that nobody is computing."""
        return self.tally.left - sum(self.flying.values())

    @property
    def _pace(self) -> float:
        """Seconds that a cell takes."""
        return max(self.seconds / self.cells, 1e-9)

    def _keep(self, done: Iterable[Future[Computed]]) -> None:
        """Store what finished calls return; raise what the first failed one raised."""
        errors = []
        for future in done:
            error = CancelledError() if future.cancelled() else future.exception()
            if error is None:
                self.unstored.append(future.result())
            else:
                errors.append(error)
            del self.flying[future]
        self._store()
        if errors:
            raise errors[0]

    def _store(self) -> None:
        if self.unstored:
            self.cells, self.seconds = MEMORY * self.cells, MEMORY * self.seconds
        while self.unstored:
            result = self.unstored[0]
            added = self.store.copy(result.image) if result.image else self.store.add(result.tables)
            del self.unstored[0]
            self.cells += result.cells
            self.seconds += result.seconds
            self.waiting.extendleft(reversed(result.rest))
            self._count(known=result.cells - added, computed=added, refused=result.refused)

    def _count(self, known: int = 0, computed: int = 0, refused: int = 0) -> None:
        if known or computed:
            before = self.tally
            self.tally = replace(
                before,
                known=before.known + known,
                computed=before.computed + computed,
                refused=before.refused + refused,
            )
            self.tell(self.tally)

    def _rescue(self, seconds: float) -> None:
        """Store what is computed already, or will be in so many seconds."""
        running = [future for future in self.flying if not future.cancel()]
        wait(running, seconds)
        ended = [future for future in running if future.done() and not future.cancelled()]
        self._keep([future for future in ended if future.exception() is None])

    def _loss(self, error: BaseException) -> str:
        reason = " ".join(str(error).split()) or type(error).__name__
        return (
            f"executor lost a worker, or its scheduler ({reason}): {self._advice(isinstance(error, BrokenProcessPool))}"
        )

    def _advice(self, spawned: bool = False) -> str:
        if spawned and not self.tally.computed:
            return "start again, in a script below if __name__ == '__main__'"
        return f"start again to go on, {self.tally.computed:,} cells more are stored"


def _scattered(places: Sequence[int], number: int) -> Iterator[int]:
    """Each place once, early ones as evenly spread as late ones: by their numbers with the binary digits reversed.

    What is done is then like what is left, so that the rate tells the time left. Another ``number`` begins elsewhere:
    sweeps that share a store seldom run the same cells.
    """
    digits = (len(places) - 1).bit_length()
    for i in range(2**digits):
        turned = (i + number * ODD) % 2**digits
        place = int(f"{turned:0{digits}b}"[::-1], 2)
        if place < len(places):
            yield places[place]
