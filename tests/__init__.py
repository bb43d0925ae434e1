"""Tests of the harness: one file for each module, and layers, bugs, hostile hand-ins."""
