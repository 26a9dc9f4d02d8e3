"""How far a sweep is."""

from dataclasses import dataclass

from dlr.arguments import integer

__all__ = ["Tally"]


@dataclass(frozen=True)
class Tally:
    """How far a sweep is.

    Attributes
    ----------
    total : int
        Cells of the spec.
    known : int
        Cells that were in the store already.
    computed : int
        Cells that this sweep has put there.
    refused : int
        How many of these can't be run.
    """

    total: int
    known: int = 0
    computed: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        for name in ("total", "known", "computed", "refused"):
            integer(name, getattr(self, name), minimum=0)

    @property
    def left(self) -> int:
        """Cells that are still to be run."""
        return self.total - self.known - self.computed

    def __str__(self) -> str:
        refused = f", of which {self.refused:,} can't be run" if self.refused else ""
        left = f", {self.left:,} left" if self.left else ""
        return f"{self.total:,} cells: {self.computed:,} computed{refused}, {self.known:,} known{left}"
