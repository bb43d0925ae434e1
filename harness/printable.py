"""Texts that come from outside, made safe to show."""


def printable(text: str) -> str:
    """Show control characters as escapes, so that no hand-in steers a terminal or a page."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(ch if ch.isprintable() or ch == "\n" else ch.encode("unicode_escape").decode() for ch in text)
