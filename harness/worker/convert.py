"""From whatever a hand-in returned to something that can cross the wire: base arrays, or a few words."""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.wire import DTYPES, MAX_AXES, MAX_ELEMENTS, dtype_name, encode_array


class InWords:
    """What stands for something that did not come back; it is told in these words."""

    def __init__(self, words: str) -> None:
        self.words = words


def encode_result(value: object, *, first_of_tuple: bool = False) -> dict[str, Any]:
    """Encode a result; never raises for what a hand-in may return.

    Parameters
    ----------
    first_of_tuple : take ``output`` of ``(output, hidden)``, as torch's own layers return it
    """
    if isinstance(value, InWords):
        return {"not": value.words[:200]}
    if first_of_tuple and isinstance(value, tuple) and value:
        value = value[0]
    try:
        array = as_base_array(value)
    except BaseException as error:  # noqa: BLE001 __array__, __len__ and the like are student code
        return {"not": f"{describe(value)} ({type(error).__name__} when read as an array)"[:200]}
    return {"not": array} if isinstance(array, str) else encode_array(array)


def as_base_array(value: object) -> NDArray[Any] | str:
    """Make a base ndarray of a short list of dtypes, or say in words what the value is."""
    if type(value) is np.ndarray:
        return _checked(value)
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = value.detach().cpu().numpy()
    elif not isinstance(value, np.ndarray) and hasattr(value, "numpy"):
        value = value.numpy()
    masked = sys.modules.get("numpy.ma")  # without it nobody has made one, and it is large
    if masked is not None and isinstance(value, masked.MaskedArray):
        return "a masked array"
    if isinstance(value, np.ndarray):
        return _checked(value.view(np.ndarray))
    if isinstance(value, bool | int | float | complex | np.generic):
        return _checked(np.asarray(value))
    if isinstance(value, list):
        if not value:
            return "an empty list"
        if any(item is None for item in value):
            return "a list with None in it"
        parts = [as_base_array(item) for item in value[: MAX_ELEMENTS + 1]]
        words = next((part for part in parts if isinstance(part, str)), None)
        if words is not None:
            return f"a list with {words} in it"
        shapes = {part.shape for part in parts if not isinstance(part, str)}
        if len(shapes) > 1:
            return f"a list of arrays of unequal shapes {sorted(shapes)[:3]}"
        return _checked(np.stack([part for part in parts if not isinstance(part, str)]))
    return describe(value)


def describe(value: object) -> str:
    """Say in a few words what a value is."""
    if value is None:
        return "None"
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    name = type(value).__name__[:60]
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _checked(array: NDArray[Any]) -> NDArray[Any] | str:
    if array.size > MAX_ELEMENTS:
        return f"an array of {array.size:,} numbers"
    if array.ndim > MAX_AXES:
        return f"an array with {array.ndim} axes"
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    if array.dtype == object:
        return "an array of objects"
    if dtype_name(array.dtype) not in DTYPES:
        return f"an array of {dtype_name(array.dtype)}"
    return array
