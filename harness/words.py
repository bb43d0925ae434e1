"""Sentences that are put together late, in the language of whoever reads them.

A check, a bug or a report says what it has to say as a template with fields; `str` gives English, which is what the
templates are written in, and `harness.language` gives other languages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Words:
    """A sentence.

    Attributes
    ----------
    template : English, with ``{fields}``
    fields : what goes into it: words again, places, numbers that are formatted already, or text that stays as it is
    """

    template: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.fields)


Text = Words | str


def say(template: str, **fields: object) -> Words:
    """Say something; the templates given to this function are what a translation must have."""
    return Words(template, fields)


def together(separator: str, parts: "list[Text]") -> Words:
    """Put sentences side by side; the separator itself is not translated."""
    names = [f"part{i}" for i in range(len(parts))]
    return Words(separator.join("{" + name + "}" for name in names), dict(zip(names, parts, strict=True)))
