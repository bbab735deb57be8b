"""The tree of contents from the lists of links that a page has anyway."""

import re
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = "https://github.com/inclusion-marker/inclusion-marker/tree/main"
ROOT = Path(__file__).parents[2]

_LINK = re.compile(r"(?<!!)\[(?P<said>[^\]]+)\]\((?P<to>[^)#\s]+)(?P<at>#[^)\s]*)?\)")
_PAGES = (".md", ".ipynb")


def toctrees(text: str, page: Path) -> str:
    """Return a hidden tree of contents for each section of a page that lists others.

    Parameters
    ----------
    text
        Markdown with sections (``##``), lists (``-``) and tables; what a list or a table links to
        is a page of the tree, in that order.
    page
        Path of the page.
    """
    sections = re.split(r"^## +", f"\n{text}", flags=re.MULTILINE)
    made = []
    for number, section in enumerate(sections):
        caption, _, body = section.partition("\n")
        listed = [*dict.fromkeys(_listed(body, page))]
        if listed:
            head = ["```{toctree}", ":hidden:"]
            head += [f":caption: {caption.strip()}"] if number and caption.strip() else []
            made.append("\n".join([*head, "", *listed, "```"]))
    return "\n\n".join(made)


def _listed(body: str, page: Path) -> Iterator[str]:
    """Yield the pages that the lists and tables of a section link to, from the root."""
    for line in body.splitlines():
        if line.startswith(("- ", "| ", "  - ")):
            for link in _LINK.finditer(line):
                to = page.parent / link["to"]
                if to.suffix in _PAGES and ":" not in link["to"]:
                    yield f"/{to.resolve().relative_to(ROOT).as_posix()}"


def with_folders(text: str, page: Path) -> str:
    """Return Markdown in which links to folders lead to the repository: a site has no folders.

    Parameters
    ----------
    text
        Markdown.
    page
        Path of the page.
    """

    def led(link: re.Match[str]) -> str:
        to = (page.parent / link["to"]).resolve()
        if ":" in link["to"] or not to.is_dir():
            return link[0]
        return f"[{link['said']}]({REPOSITORY}/{to.relative_to(ROOT).as_posix()})"

    return _LINK.sub(led, text)
