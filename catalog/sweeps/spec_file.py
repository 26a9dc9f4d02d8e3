"""Reads the spec of a sweep from a TOML file."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from catalog.sweeps.sources import source_named
from catalog.sweeps.specification import Spec
from dlr.arguments import InputError, brief, one_of

__all__: list[str] = []

MOST_BYTES = 2**24
"""Largest file."""


SHIPPED = {path.stem: path for path in sorted((Path(__file__).parent / "specs").glob("*.toml"))}
"""The files of the specs that come with the package, by their names."""


def read_spec(name: str | os.PathLike[str]) -> Spec:
    """The spec of a name in `SHIPPED`, or in a file; names of matrix files in it are relative to its folder.

    Raises
    ------
    InputError
        If the file can't be read or is no TOML, or for the first key that can't be used.
    """
    return spec_of(content_of(name), Path(name).parent)


def spec_of(content: Mapping[str, Any], folder: Path = Path()) -> Spec:
    """The spec that a TOML file says, in a folder."""
    keys = [field.name for field in fields(Spec)]
    for key in content:
        one_of("key of the spec", key, keys)
    for key in ("target", "depth"):
        if key not in content:
            raise InputError(f"{key} must be given, got none: write {EXAMPLES[key]}")
    given = content["target"]
    targets = [source_named("target", one, folder) for one in (given if isinstance(given, list) else [given])]
    return Spec(**{**content, "target": targets})


EXAMPLES = {"target": 'target = "rotation"', "depth": "depth = [2, 4, 8]"}


def content_of(given: str | os.PathLike[str]) -> dict[str, Any]:
    """What a TOML file says, or the shipped one of that name."""
    path, name = SHIPPED.get(str(given), Path(given)), brief(str(given), 300)[1:-1]
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"spec {name} must have at most {MOST_BYTES:,} bytes, got more: use ranges")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except InputError:
        raise
    except FileNotFoundError:
        if not path.suffix and path.parent == Path():
            one_of("spec", name, SHIPPED)
        raise InputError(f"spec {name} does not exist: check the path") from None
    except OSError as error:
        raise InputError(f"spec {name} can't be read ({error.strerror}): check the path and its permissions") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"spec {name} is not valid TOML ({error}): write it again") from None
