"""What comes from outside, bent in every way: bytes, frames, files and names.

Each run of the tests tries the same few thousand. `FUZZ=1000000 python -m pytest tests/fuzz` tries that many new ones
of each property, or as many as there is time for.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import settings

from tests.conftest import FUZZ


def times(count: int) -> Callable[[Any], Any]:
    """Try a property so often, unless the environment asks for more."""
    return settings(max_examples=FUZZ or count)
