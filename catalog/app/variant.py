"""A variant: the ledger with another algorithm in place of plain gradient descent.

Every problem about plain gradient descent is run with the variant instead, at the problem's own step size. This shows
which claims also hold for the variant. Claims that can't be checked with it are left out, with the reason.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from catalog.app.validate import LeftOut, Record, Task, recorded, timed
from catalog.plugins import reason
from dlr.algorithms import Algorithm, GradientDescent
from dlr.arguments import InputError
from dlr.solver import at_step_size


@dataclass
class Variant:
    """An algorithm that takes the place of plain gradient descent.

    Attributes
    ----------
    algorithm : Algorithm
    left_out : dict of str to str
        Claims that can't be checked with it, by identifier and name, and why.
    """

    algorithm: Algorithm
    left_out: LeftOut = field(default_factory=dict)

    def tasks_about(self, tasks: Iterable[Task]) -> list[Task]:
        """The tasks about plain gradient descent, with the variant in its place."""
        tasks = list(tasks)
        kept = [
            replace(task, problem=replace(task.problem, algorithm=at_step_size(self.algorithm, task.problem.step_size)))
            for task in tasks
            if type(task.problem.algorithm) is GradientDescent
        ]
        about = {task.claim.identifier for task in kept}
        for task in tasks:
            if task.claim.identifier not in about:
                self._leave_out(task, f"about {task.problem.algorithm.name}, not gradient descent")
        return kept

    def checked(self, tasks: Iterable[Task]) -> Iterator[Record]:
        """Check each task; tasks that run no algorithm, or can't run this one, are left out.

        Raises
        ------
        InputError
            If the variant's step fails.
        """
        for task in tasks:
            try:
                record = recorded(task, *timed(task.claim, task.problem))
            except InputError as error:
                self._leave_out(task, str(error))
                continue
            except Exception as error:
                raise InputError(
                    f"algorithm {self.algorithm.name} failed on {task.target.name}, L = {task.problem.depth} "
                    f"({reason(error)}): step must return layers of shape (L, d, d)"
                ) from error
            if record.engine == "direct":
                self._leave_out(task, "runs no algorithm")
            else:
                yield record

    def _leave_out(self, task: Task, why: str) -> None:
        self.left_out.setdefault(f"{task.claim.identifier} {task.claim.name}", why)
