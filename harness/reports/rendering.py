"""Pages from templates, in which every text is escaped, and the policy that lets no hand-in run a script in them."""

import base64
import hashlib
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from jinja2 import Template


@cache
def template(name: str) -> "Template":
    """Get a template by the name of its file."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return environment.get_template(name)


def prepare(name: str) -> None:
    """Get a template ready while something else is waited for, as the first hand-in."""
    threading.Thread(target=template, args=(name,), daemon=True).start()


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


__all__ = ["Markup", "escape", "policy", "prepare", "template"]
