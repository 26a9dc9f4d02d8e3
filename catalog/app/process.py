"""Prepares the process of the command: signals, closed streams, one BLAS thread. Imports nothing that takes time.

Ctrl-C (SIGINT) and SIGTERM end the command with one line and exit code 130 or 143. Outside of `Interrupts` they end it
on the spot, whatever is being imported or compiled; no exception is raised that other code could catch or report.
"""

import os
import signal
import sys

from catalog._blas import THREADS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

ENDING = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
"""Signals that end the command, and the word for each."""


class Stopped(KeyboardInterrupt):
    """A signal that ends the command, within `Interrupts.raising`; its argument is the signal's number."""


def ending(error: KeyboardInterrupt) -> tuple[str, int]:
    """The word for what ended the command, and the exit code."""
    (number,) = error.args if isinstance(error, Stopped) else (signal.SIGINT,)
    return ENDING[signal.Signals(number)], 128 + number


class Interrupts:
    """Context in which a signal does not end the command at once, since there are results to report first.

    The first signal is only noted, or raises `Stopped` within `raising`; a second one ends the command at once. Where
    the process was not prepared, as in another program, signals stay as they are.

    Attributes
    ----------
    number : int
        The signal that was noted; 0 for none.
    raises : bool
        Whether within `raising`.
    """

    def __init__(self) -> None:
        self.number = 0
        self.raises = False

    def __enter__(self) -> "Interrupts":
        self._held = [number for number in ENDING if signal.getsignal(number) is _end_at_once]
        for number in self._held:
            signal.signal(number, self._note)
        if self._held:
            sys.unraisablehook, self._hook = self._unraisable, sys.unraisablehook
        return self

    def __exit__(self, *_: object) -> None:
        for number in self._held:
            signal.signal(number, _end_at_once)
        if self._held:
            sys.unraisablehook = self._hook

    def raising(self) -> "_Raising":
        """Context in which the first signal raises `Stopped`."""
        return _Raising(self)

    def check(self) -> None:
        """Raise `Stopped` if a signal was noted, also one whose exception other code has swallowed."""
        if self.number:
            raise Stopped(self.number)

    def _note(self, number: int, frame: object) -> None:
        if self.number:
            _end_at_once(number, frame)
        self.number = number
        if self.raises:
            raise Stopped(number)

    def _unraisable(self, unraisable: "sys.UnraisableHookArgs") -> None:
        """Say nothing where Python can't raise `Stopped`, as in a finalizer: `check` will."""
        if not isinstance(unraisable.exc_value, Stopped):
            self._hook(unraisable)


class _Raising:
    def __init__(self, interrupts: Interrupts) -> None:
        self._interrupts = interrupts

    def __enter__(self) -> None:
        self._interrupts.raises = True

    def __exit__(self, *_: object) -> None:
        self._interrupts.raises = False


def prepare() -> None:
    """Prepare the process; signals first."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as with nohup
            signal.signal(number, _end_at_once)
    _open_closed_streams()
    for name in THREADS:
        os.environ[name] = "1"


def _end_at_once(number: int, frame: object) -> None:
    """Print one line, in place of a line of progress if there is one, and end."""
    clear = b"\r\x1b[K" if os.isatty(2) else b""
    try:  # noqa: SIM105, contextlib takes time to import
        os.write(2, clear + f"dlr: {ENDING[signal.Signals(number)]}\n".encode())
    except OSError:
        pass
    os._exit(128 + number)


def _open_closed_streams() -> None:
    """Let a closed stdin, stdout or stderr (``>&-``) be the null device, so that no file takes its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w", encoding="utf-8"))  # noqa: SIM115, open to the end
        # a name that the terminal's encoding lacks stops nothing
        getattr(sys, name).reconfigure(errors="backslashreplace")


def silence(stream: "IO[str]") -> None:
    """Let a stream that takes nothing more be the null device, so that Python's last flush finds nothing wrong."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):  # a test's stream has no number
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, number)
    os.close(null)
