"""How fast the harness is, beside other ways to do the same work. Nothing here is a test."""
