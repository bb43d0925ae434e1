"""Which layers of confinement a run has, and what they are called."""

from harness import launching
from harness.errors import InputError
from harness.worker import confinement


def choose_layers(wanted: str) -> tuple[str, ...]:
    """Choose the layers of confinement for a run.

    Parameters
    ----------
    wanted : ``auto`` takes what the kernel offers, ``strict`` too but not without those that are needed to shut every
        door, ``process`` none

    Raises
    ------
    InputError
        When ``strict`` can't be had.
    """
    launching.wait()  # it may be asking the kernel already
    offered = confinement.available()
    missing = ", ".join(layer for layer in confinement.NEEDED if layer not in offered)
    if wanted == "strict" and missing:
        raise InputError(
            f"--sandbox strict can't be had here: this kernel does not offer {missing}; use --sandbox auto"
        )
    return () if wanted == "process" else offered


def level(layers: tuple[str, ...]) -> str:
    """Name the confinement that a run has, for the screen and for every report."""
    return "+".join(layers) or "process"
