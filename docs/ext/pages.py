"""Sphinx reads a page: what the build makes stands where a comment of the page asks for it.

``<!-- made by the build: methodology uim en -->`` is replaced by Markdown. On a page that shows the
repository the comment is invisible, so each page that holds one says in a sentence what stands
there on the site.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from sphinx.application import Sphinx

from ext import api, architecture, catalogue, commands, contents, methodology, schemas

_ASKED = re.compile(
    r"^<!-- made by the build: (?P<what>\w+) ?(?P<rest>[^\n]*?) ?-->$", re.MULTILINE
)

Maker = Callable[..., str]
MAKERS: Mapping[str, Maker] = {
    "methodology": methodology.page,
    "functions": api.functions,
    "records": api.records,
    "commands": commands.page,
    "notices": catalogue.page,
    "exits": catalogue.exits,
    "schema": schemas.page,
    "floors": architecture.floors,
}


def setup(app: Sphinx) -> dict[str, bool]:
    """Fill pages as they are read."""
    app.connect("source-read", _read)
    app.connect("html-page-context", _speak)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _read(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the text of a page by the text with what is made."""
    if app.env.doc2path(docname).suffix != ".md":
        return
    found = filled(source[0], app.env.doc2path(docname))
    if found != source[0]:
        app.env.note_reread()  # what it is made of is no file that Sphinx watches
        source[0] = found


def _speak(app: Sphinx, name: str, template: str, context: dict[str, object], tree: object) -> None:
    """Say to a browser, and to who listens to it, in which language a page is written."""
    del app, template, tree
    if name.startswith("docs/es/"):
        context["language"] = "es"


def filled(text: str, page: Path) -> str:
    """Return the Markdown of a page with all that the build makes in it.

    Parameters
    ----------
    text
        The page as it stands in the repository.
    page
        Its path, from which its links lead.

    Raises
    ------
    KeyError
        If it asks for something that nothing makes.
    """

    def made(asked: re.Match[str]) -> str:
        what, rest = asked["what"], asked["rest"].split()
        if what == "contents":
            return contents.toctrees(text, page)
        return MAKERS[what](*rest)

    return contents.with_folders(_ASKED.sub(made, text), page)
