"""Fills the templates of the pages: one file each, which needs no network, and no script to be read."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from catalog.app.figures import drawing


def filled(folder: Path, filters: Mapping[str, Callable[..., Any]], contents: Mapping[str, Any]) -> str:
    """A page, from ``page.html.jinja``, ``page.css`` and ``page.js`` in a folder.

    Parameters
    ----------
    folder : Path
    filters : mapping of str to callable
        Of the template, beside ``html``, which leaves a text as it is, and ``json``.
    contents : mapping of str to object
        What the template shows, beside ``style`` and ``script``.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "html": Markup,
        "json": lambda value: Markup(json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")),
        **filters,
    }
    return environment.get_template("page.html.jinja").render(
        style=Markup((folder / "page.css").read_text(encoding="utf-8") + drawing.ADAPTING),
        script=Markup((folder / "page.js").read_text(encoding="utf-8")),
        **contents,
    )
