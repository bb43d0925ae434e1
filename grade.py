"""Grade hand-ins: ``python grade.py submissions/``."""

from harness.cli import main

if __name__ == "__main__":
    main(prog_name="grade.py")
