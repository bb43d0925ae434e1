"""Who grades the grader: an assignment is tried on every known bug and on every right style before a class is."""
