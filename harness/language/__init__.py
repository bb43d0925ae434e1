"""Say things in the language of the reader: English as it is written, others by a catalogue in gettext's PO format.

Templates are looked up as they stand. What the confined child says crosses the wire as plain text; its sentences are
recognised by the same templates, and what is not ours, such as the message of an exception, stays as it is.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from harness.model import Place
from harness.words import Words

CODES = ("en", "ko")
Language = Callable[[object], str]

_FOLDER = Path(__file__).parent
_FIELD = re.compile(r"{(\w+)}")


@cache
def language(code: str) -> Language:
    """Get a language by its code; it turns words, places and texts into strings."""
    return str if code == "en" else _Translation(catalogue(code))


def catalogue(code: str) -> dict[str, str]:
    """Read the translations of every template: from the language's file, and from the known bugs' own."""
    import polib  # only those who read another language than English need it

    from harness.bugs import CATALOGUE

    entries = {entry.msgid: entry.msgstr for entry in polib.pofile(str(_FOLDER / f"{code}.po")) if entry.msgstr}
    return entries | {bug.message: bug.korean for bug in CATALOGUE.values()}


class _Translation:
    """Says things by a catalogue.

    Parameters
    ----------
    entries : from English templates to those of the language
    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = entries
        self._patterns = [
            (_pattern(template), translated)
            for template, translated in sorted(entries.items(), key=lambda item: -len(_FIELD.sub("", item[0])))
            if _FIELD.search(template) and len(_FIELD.sub("", template).strip()) > 4
        ]

    def __call__(self, thing: object) -> str:
        if isinstance(thing, Words):
            template = self._entries.get(thing.template, thing.template)
            return template.format(**{name: self(value) for name, value in thing.fields.items()})
        if isinstance(thing, Place):
            return self(thing.words())
        return self._recognised(str(thing))

    def _recognised(self, text: str) -> str:
        """One of our own sentences that was put together elsewhere."""
        if text in self._entries or not text.isascii():
            return self._entries.get(text, text)
        for pattern, translated in self._patterns:
            if found := pattern.fullmatch(text):
                return translated.format(**{name: self(value) for name, value in found.groupdict().items()})
        return text


def _pattern(template: str) -> re.Pattern[str]:
    """A pattern for the sentences that a template makes."""
    parts = _FIELD.split(template)
    seen: set[str] = set()
    pattern = ""
    for i, part in enumerate(parts):
        if i % 2 == 0:
            pattern += re.escape(part)
        else:
            pattern += f"(?P={part})" if part in seen else f"(?P<{part}>.+?)"
            seen.add(part)
    return re.compile(pattern, re.DOTALL)
