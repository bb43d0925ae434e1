"""Grade hand-ins: ``python grade.py submissions/``."""

from harness.cli import run

if __name__ == "__main__":
    run()
