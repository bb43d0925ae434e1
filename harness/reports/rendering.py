"""Pages from templates, in which every text is escaped, and the policy that lets no hand-in run a script in them."""

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape


@cache
def template(name: str) -> Template:
    """Get a template by the name of its file."""
    environment = Environment(
        loader=PackageLoader("harness.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def policy(scripts: Iterable[str] = ()) -> str:
    """The content-security policy of a page: nothing from elsewhere, and no script but these, known by their hashes.

    A page with scripts may also load what they make themselves (``blob:``), as a library that is a module.
    """
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts]
    allowed: dict[str, Any] = {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    if hashes:
        allowed["script-src"] = " ".join([*hashes, "blob:"])
    return "; ".join(f"{name} {value}" for name, value in allowed.items())


__all__ = ["Markup", "escape", "policy", "template"]
