"""Writes the pages that follow from the packages, before Sphinx reads them: theory, targets, commands, reference.

Each is written from the registry, the docstrings or the other documents of the repository, and none is committed.
"""

import contextlib
import importlib
import inspect
import io
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import mock

import catalog
import dlr
from catalog import family as family_module
from catalog import registry, traits
from catalog.app import cli
from catalog.app.figures import drawing, sweep_maps
from catalog.family import Family
from markup import bullets, heading, listing, typeset
from theory import ROOT, theory_pages

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDERS = ("theory", "reference", "contributing")
OWN_PAGES = {"Benchmarks": "benchmarks", "Where things are": "modules"}
"""Sections of CONTRIBUTING.md that are pages of their own."""


def setup(app: "Sphinx") -> dict[str, Any]:
    """Write all pages before the sources are read."""
    app.connect("builder-inited", lambda app: write(Path(app.srcdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write(docs: Path) -> None:
    """Write every page that changed, and remove those that are of nothing any more."""
    draw(docs)
    pages = dict(all_pages())
    for folder in FOLDERS:
        for path in (docs / folder).glob("*"):
            if f"{folder}/{path.name}" not in pages:
                path.unlink()
    for name, text in pages.items():
        path = docs / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def draw(docs: Path) -> None:
    """Run the example that draws a figure."""
    figure = docs / "examples" / "phase_diagram.svg"
    subprocess.run([sys.executable, figure.with_suffix(".py"), figure], check=True, stdout=subprocess.DEVNULL)


def all_pages() -> Iterator[tuple[str, str]]:
    """Every page: its path below ``docs``, and its text."""
    yield from theory_pages()
    yield "reference/targets.rst", targets_page(registry.all_families().values())
    yield "reference/commands.rst", commands_page()
    yield from reference_pages()
    yield from contributing_pages()
    yield from measured_pages()


def measured_pages() -> Iterator[tuple[str, str]]:
    """The figures of the shipped sweeps, light and dark, and the part of a page that shows them."""
    text = ""
    for figure in sweep_maps.FIGURES:
        found = sweep_maps.recorded()[figure.name]
        drawn = figure.drawn(found)
        for shade, image in (("light", drawn), ("dark", drawing.on_dark(drawn))):
            name = f"theory/sweep-{figure.name}-{shade}.svg"
            yield name, image
            text += f"```{{image}} /{name}\n:class: only-{shade}\n:alt: {figure.title}\n```\n\n"
        text += f"*{figure.title}.* {linked(figure.told(found))}\n\n```sh\n{figure.command}\n```\n\n"
    yield "theory/measured.md", text


def linked(text: str) -> str:
    """A text in Markdown, with its formulas typeset and the claims it names linked."""
    claims = {claim.identifier: name for name, claim in registry.all_claims().items()}
    text = re.sub(r"``(.+?)``", r"{f}`\1`", text)
    return re.sub(
        r"\b([A-Z]\d+[a-z]?)\b",
        lambda found: f"{{ref}}`{found[1]} <claim-{claims[found[1]]}>`" if found[1] in claims else found[1],
        text,
    )


def targets_page(families: Iterable[Family]) -> str:
    """Every family and every trait."""
    text = heading("Targets") + f"\n{(family_module.__doc__ or '').strip()}\n\n"
    for family in families:
        _, _, more = (family.build.__doc__ or "").partition("\n\n")
        rows = [
            ("Traits", ", ".join(trait.name for trait in family.traits)),
            (
                "Parameters",
                bullets(
                    f"``{name}`` from {parameter.minimum:g} to {parameter.maximum:g}, by default {parameter.default:g}"
                    for name, parameter in family.parameters.items()
                ),
            ),
            (
                "Expected",
                bullets(
                    f"{algorithm}: {typeset(f'{expected.outcome} ({expected.because})')}"
                    for algorithm, expected in family.expected.items()
                ),
            ),
            ("Source", typeset(family.source)),
        ]
        text += f".. _target-{family.name}:\n\n{heading(family.name, '-')}\n{typeset(family.description, False)}\n\n"
        text += typeset("\n".join(line.strip() for line in more.splitlines()), escaped=False) + "\n\n" + listing(rows)
    text += "\n" + heading("Traits", "-") + "\n"
    return text + "".join(
        f"``{trait.name}``\n   {typeset(trait.meaning)}. *{typeset(trait.quantity)} "
        f"{'at most' if trait.at_most else 'above'} {trait.threshold:.3g}*\n\n"
        for trait in traits.ALL.values()
    )


def commands_page() -> str:
    """The command line, as the parser describes it."""
    top = helped()
    summary = " ".join((cli.__doc__ or "").partition("\n\n")[2].split())
    text = heading("Command line") + f"\n{summary}\n{printed(top)}"
    for command in re.findall(r"^    (\w+(?: \w+)?)(?:  |$)", top, re.MULTILINE):
        text += "\n" + heading(f"dlr {command}", "-") + printed(helped(*command.split()))
    return text


def helped(*command: str) -> str:
    """What ``--help`` prints."""
    output = io.StringIO()
    with mock.patch.dict(os.environ, COLUMNS="88"), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        cli.main([*command, "--help"])
    return output.getvalue()


def printed(text: str) -> str:
    """What a program prints, as a block."""
    return "\n.. code-block:: text\n\n" + "".join(f"   {line}\n" for line in text.splitlines()) + "\n"


def reference_pages() -> Iterator[tuple[str, str]]:
    """A page for each module that publishes something: the packages, what they export, then the rest."""
    modules: dict[str, ModuleType] = {}
    for package in (dlr, catalog):
        exported = [getattr(package, name) for name in package.__all__]
        for module in (package, *filter(inspect.ismodule, exported), *published(package)):
            modules[module.__name__] = module
    seen: dict[int, str] = {}
    for name, module in modules.items():
        yield f"reference/{name}.rst", reference_page(name, module, seen)
    lines = {"commands": "every command and option.", "targets": "every named target, and every trait."}
    for name, module in modules.items():
        first, _, _ = (module.__doc__ or "").strip().partition("\n\n")
        lines[name] = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", " ".join(first.split()))
    text = heading("Reference") + "".join(f"\n* :doc:`{name}`: {line}" for name, line in lines.items())
    yield "reference/index.rst", f"{text}\n\n.. toctree::\n   :hidden:\n\n" + "".join(f"   {name}\n" for name in lines)


def published(package: ModuleType) -> Iterator[ModuleType]:
    """Modules below a package that say what is public, outside packages of which nothing is."""
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if not info.name.rpartition(".")[2].startswith("_"):
            module = importlib.import_module(info.name)
            if getattr(module, "__all__", []):
                yield module
                yield from published(module) if info.ispkg else ()


def reference_page(name: str, module: ModuleType, seen: dict[int, str]) -> str:
    """The public names of a module, from their docstrings; those that an earlier page has are links."""
    text = heading(f"``{name}``") + f"\n.. automodule:: {name}\n\n.. py:currentmodule:: {name}\n\n"
    for own in module.__all__:
        value = getattr(module, own)
        of_ours = str(getattr(value, "__module__", "")).startswith(("dlr", "catalog"))
        if not (of_ours and (inspect.isclass(value) or inspect.isroutine(value))):
            continue
        if (place := seen.setdefault(id(value), name)) != name:
            text += f"`{own} <{place}.{own}>` is part of `{place}`.\n\n"
            continue
        kind, options = ("class", members(value)) if inspect.isclass(value) else ("function", "")
        text += f".. auto{kind}:: {own}\n{options}\n"
    return text


def members(value: type) -> str:
    """Options that list what has a docstring, and each member of an enumeration."""
    return "   :members:\n" + "   :undoc-members:\n" * issubclass(value, Enum)


def contributing_pages() -> Iterator[tuple[str, str]]:
    """CONTRIBUTING.md, its longest sections on pages of their own."""
    first, *sections = re.split(r"^(?=## )", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    pages = {"index": first}
    for section in sections:
        title = section[3:].partition("\n")[0]
        if title in OWN_PAGES:
            pages[OWN_PAGES[title]] = re.sub(r"^##", "#", section, flags=re.MULTILINE)
        else:
            pages["index"] += section
    for name, text in pages.items():
        for title, page in OWN_PAGES.items():
            text = text.replace(f"](#{title.lower().replace(' ', '-')})", f"]({page}.md)")
        if name == "index":
            text += "\n```{toctree}\n:hidden:\n\n" + "modules\n```\n"
        yield f"contributing/{name}.md", text
