"""Write the module of a new family, claim or algorithm from a template that already passes every test."""

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

import catalog
from catalog import registry
from catalog.app import destinations
from catalog.plugins import EXTENSIONS
from dlr.arguments import InputError, brief

LONGEST = 40


@dataclass(frozen=True)
class Written:
    """A new module.

    Attributes
    ----------
    path : Path
    name : str
        Name in the catalog, with hyphens for underscores.
    group : str
        Entry point group that would declare it from outside.
    inside : bool
        Whether it is in the catalog's own folder, where it needs no entry point.
    """

    path: Path
    name: str
    group: str
    inside: bool


GROUPS = {extension.word: group for group, extension in EXTENSIONS.items()}
"""Entry point group of a family, a claim or an algorithm."""


def write(word: str, name: str, directory: str | None = None) -> Written:
    """Write the module of a new family, claim or algorithm.

    Parameters
    ----------
    word : {"family", "claim", "algorithm"}
    name : str
        A Python name in lower case; hyphens count as underscores.
    directory : str, optional
        Folder to write to; by default the catalog's own, which must be in a checkout.

    Raises
    ------
    InputError
        If the name is taken or not a module name, or the folder can't be written to.
    """
    group = GROUPS[word]
    template = (Path(__file__).parent / "templates" / f"{word}.py").read_text(encoding="utf-8")
    module = _module(name, template)
    display = module.replace("_", "-")
    _refuse_taken(word, display)
    folder = _own_folder(EXTENSIONS[group].folder) if directory is None else Path(directory)
    path = folder / f"{module}.py"
    if path.exists():
        raise InputError(f"file {path} exists: choose another name than {brief(name)}, or edit it")
    spellings = {
        "new_family": module,
        "new_claim": module,
        "new-algorithm": display,
        "NewAlgorithm": "".join(word.capitalize() for word in module.split("_")),
        "New family": module.replace("_", " ").capitalize(),
        "New algorithm": module.replace("_", " ").capitalize(),
        '"N0"': f'"{_next_identifier()}"' if word == "claim" else "",
    }
    for old, new in spellings.items():
        template = template.replace(old, new)
    destinations.checked_destination(str(path))
    destinations.write_text(str(path), template)
    return Written(path, display, group, directory is None)


def _module(name: str, template: str) -> str:
    """``name`` as a module name; refused if it already occurs in the template."""
    module = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", module) or keyword.iskeyword(module) or len(module) > LONGEST:
        raise InputError(
            f"name {brief(name)} is no module name: pass letters a-z, digits and _, at most {LONGEST}, like my_family"
        )
    if module in re.findall(r"\w+", template):
        raise InputError(f"name {brief(name)} has a meaning of its own in the new file: choose another")
    return module


def _refuse_taken(word: str, name: str) -> None:
    known = {
        "family": [*registry.all_families()],
        "claim": [*registry.all_claims()],
        "algorithm": [*registry.all_algorithms()],
    }
    if name in known[word]:
        raise InputError(f"{word} {name!r} exists already: choose another name, or edit it")


def _own_folder(folder: str) -> Path:
    """The catalog's own folder, if this is a checkout."""
    package = Path(catalog.__file__).parent
    if not (package.parent / "pyproject.toml").is_file():
        raise InputError(
            f"catalog in {package} is installed, not a checkout: pass --directory with your package's folder"
        )
    return package / folder


def _next_identifier() -> str:
    """N and the first number above those of all claims."""
    used = {int("".join(re.findall(r"\d", known.identifier)) or 0) for known in registry.all_claims().values()}
    return f"N{max(used, default=0) + 1}"
