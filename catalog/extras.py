"""Asks for the libraries of an extra before the work starts that needs them."""

import importlib.util

from dlr.arguments import InputError

__all__: list[str] = []


def require(needing: str, extra: str, *modules: str) -> None:
    """Raise where a library is missing.

    Parameters
    ----------
    needing : str
        What can't be done without, as the message calls it.
    extra : str
        Name of the extra that has the libraries.
    *modules : str
        What is imported.

    Raises
    ------
    InputError
        With the first that is missing, and what to install.
    """
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise InputError(f"{needing} needs {module.replace('_', '-')}: pip install 'deep-linear-residual[{extra}]'")
