"""How Sphinx builds the site: ``sphinx-build -W --keep-going -n docs docs/_build``, without a network."""

import sys
from pathlib import Path

import dlr

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "deep-linear-residual"
author = "the deep-linear-residual maintainers"
version = release = dlr.__version__

extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_parser", "pages", "typeset"]
exclude_patterns = ["_build", "theory/letters.rst", "theory/shared.rst", "theory/measured.md"]
nitpicky = True

autodoc_typehints = "none"  # docstrings say the types
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
default_role = "py:obj"

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

html_math_renderer = "mathml"
html_theme = "furo"
html_title = "deep-linear-residual"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_use_index = False
html_show_search_summary = False  # it would fetch pages, which a browser refuses to do from files
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
pygments_style = "tango"
pygments_dark_style = "monokai"
