"""The book's ``common.config``: no GPU."""

GPU = False
