"""Links between names of the reference: a type is found by the name under which it is public."""

import inspect
from pkgutil import resolve_name
from typing import cast

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

PACKAGE = "inclusion_marker"


def setup(app: Sphinx) -> dict[str, bool]:
    """Look for a name once more before it counts as broken."""
    app.connect("missing-reference", _found)
    app.connect("autodoc-process-signature", _readable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _readable(*given: object) -> tuple[str | None, str | None] | None:
    """Return a signature that can be read: what a factory makes has no text of its own."""
    signature, returned = given[-2:]
    if not isinstance(signature, str) or "<factory>" not in signature:
        return None
    return signature.replace("<factory>", "..."), returned if isinstance(returned, str) else None


def _found(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.TextElement
) -> nodes.Element | None:
    """Return a link to the one documented name that ends as a reference does.

    A name that the package has and the site does not describe is shown as it is; one that nobody
    has stays unresolved, and the build fails.
    """
    if node.get("refdomain") != "py":
        return None
    domain = cast("PythonDomain", env.get_domain("py"))
    name = str(node["reftarget"])
    short = name.rpartition(".")[2]
    fits = {
        entry.node_id: entry
        for known, entry in domain.objects.items()
        if known.rpartition(".")[2] == short
    }
    if len(fits) == 1:
        entry = next(iter(fits.values()))
        at = str(node.get("refdoc", ""))
        return make_refnode(app.builder, at, entry.docname, entry.node_id, content, short)
    return content if exists(name, str(node.get("py:module", "")), _home(node)) else None


def _home(node: addnodes.pending_xref) -> str:
    """Return the module of what a reference describes: it may be public under a shorter name."""
    inside: nodes.Node | None = node
    while inside is not None and not isinstance(inside, addnodes.desc | addnodes.desc_signature):
        inside = inside.parent
    if isinstance(inside, addnodes.desc):
        inside = inside[0]
    if not isinstance(inside, addnodes.desc_signature):
        return ""
    found = resolve_name(f"{inside['module']}:{inside['fullname']}")
    return str(getattr(inspect.unwrap(getattr(found, "fget", found)), "__module__", ""))


def exists(name: str, *homes: str) -> bool:
    """Return whether a name leads to something in the package.

    Parameters
    ----------
    name
        A full name, or one that is known in one of ``homes``.
    homes
        Full names of modules, or of what stands in them; empty ones are passed over.
    """
    if name.startswith(f"{PACKAGE}."):
        return _resolves(name)
    return any(_resolves(f"{module}.{name}") for home in homes for module in _modules(home))


def _modules(home: str) -> list[str]:
    """Return a dotted name and all that it stands in."""
    parts = home.split(".") if home.startswith(PACKAGE) else []
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _resolves(name: str) -> bool:
    """Return whether a dotted name leads somewhere."""
    try:
        resolve_name(name)
    except (ImportError, AttributeError, ValueError):
        return False
    return True
