"""The book's ``common.np``: NumPy, and no GPU."""

import numpy as np

__all__ = ["GPU", "np"]
GPU = False
