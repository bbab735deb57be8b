"""The documentation site: the pages of this repository as they stand, and those that are made.

``make docs`` reads the repository from its root, so
that the links between pages are the same here as on a page that shows the repository. Nothing is
asked of a network, while building or while reading.
"""  # noqa: INP001 - a file that Sphinx reads, in no package

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

# The same pages from the same sources: colours of a terminal and its width are no part of them.
os.environ |= {"COLUMNS": "100", "NO_COLOR": "1"}

project = "inclusion_marker"
author = "inclusion_marker developers"
language = "en"
root_doc = "docs/README"
smartquotes_action = "D"  # dashes only: quotation marks are as they are written
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "data/sample_cities/*/SOURCES.md",
    "docs/**",
    "notebooks/*.ipynb",
]
exclude_patterns = ["docs/ext/**", "**/.ipynb_checkpoints"]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "ext.pages",
    "ext.references",
    "ext.mathml",
]

# Markdown and notebooks. Only what a page that shows the repository understands, too.
myst_enable_extensions: list[str] = []
myst_heading_anchors = 5
nb_execution_mode = os.environ.get("DOCS_NOTEBOOKS", "cache")
nb_execution_cache_path = str(Path(__file__).parents[1] / "build" / "notebooks")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # they would come from a server
nb_merge_streams = True

# The reference: the docstrings as they stand, the types as the signatures have them.
autodoc_typehints = "signature"
maximum_signature_line_length = 72
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_attr_annotations = False  # the signature has them
napoleon_custom_sections = [("Attributes", "params_style")]  # several may share a line
napoleon_use_rtype = False  # what stands under Returns is a name, not a type
python_use_unqualified_type_names = True

nitpicky = True
# Types of other packages have no page here, and none is asked for over a network.
nitpick_ignore_regex = [
    (
        r"py:.*",
        (
            r"(pandas|pd|geopandas|gpd|numpy|np|npt|scipy|shapely|pyproj|networkx|matplotlib|"
            r"pydantic|pathlib|collections|typing|types|enum|abc)\..*"
        ),
    ),
    (r"py:class", r"(Path|Axes|Figure|DataFrame|Series|GeoDataFrame|GeoSeries|CRS|ndarray|Index)"),
]

html_theme = "furo"
html_title = "inclusion_marker"
html_copy_source = False
html_show_sphinx = False
html_use_index = False  # the search finds names, too
html_domain_indices = False
html_math_renderer = "mathml"
html_static_path = ["ext/site.css"]
html_css_files = ["site.css"]
templates_path = ["ext"]
html_additional_pages = {"index": "index.html"}
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#862781", "color-brand-content": "#862781"},
    "dark_css_variables": {"color-brand-primary": "#fe9d6c", "color-brand-content": "#fe9d6c"},
    "footer_icons": [],
}
