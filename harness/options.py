"""What was asked for on the command line."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line; each is described by its help."""

    paths: tuple[Path, ...]
    assignment: str
    out: Path
    jobs: int | None
    device: str
    sandbox: str
    only: tuple[str, ...]
    lang: str
    feedback: str | None
    fresh: bool
    scheduler: str | None
    fail_under: float | None
    reports: str | None
    roster: Path | None
    layout: str
    into: Path | None
    column: str | None
    watch: bool
