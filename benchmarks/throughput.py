"""How long a class takes, as a ratio to the least that can be done: ``python benchmarks/throughput.py``.

Runs, interleaved and several times over, the whole command on a folder of hand-ins (a quarter of them wrong, and
diagnosed), and beside it the floor: for each hand-in a fresh ``python`` that imports NumPy and executes the file,
with no checks, no limits and no report. Prints the medians, their spread, and the ratio.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
RIGHT = ["loop.py", "preallocated.py", "einsum.py"]
WRONG = ["misspelled_hidden_state.py"]


def make_class(folder: Path, count: int) -> list[Path]:
    """Copy hand-ins under names of their own: three right ones to one wrong one."""
    sources = [PROJECT / "submissions" / "correct" / name for name in RIGHT]
    sources += [PROJECT / "submissions" / "buggy" / name for name in WRONG]
    return [Path(shutil.copy(sources[i % len(sources)], folder / f"student-{i:05}.py")) for i in range(count)]


def seconds(command: list[str]) -> float:
    """Time a command; it must succeed."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def floor(hand_ins: list[Path]) -> float:
    """Time a fresh interpreter for each of a few hand-ins, and reckon it up to all."""
    sample = hand_ins[:: max(1, len(hand_ins) // 20)]
    program = "import sys, numpy; exec(compile(open(sys.argv[1]).read(), sys.argv[1], 'exec'))"
    spent = sum(seconds([sys.executable, "-I", "-c", program, str(path)]) for path in sample)
    return spent / len(sample) * len(hand_ins)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=200, help="hand-ins in the class")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=0, help="0: one for each core")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "class")
        folder.mkdir()
        hand_ins = make_class(folder, options.count)
        ours = [sys.executable, str(PROJECT / "grade.py"), str(folder), "--out", f"{temporary}/grades", "--fresh"]
        ours += ["--jobs", str(options.jobs)] if options.jobs else []
        seconds(ours)  # once before, so that the oracle's answers are known, as they are in any later run
        pairs = [(seconds(ours), floor(hand_ins)) for _ in range(options.rounds)]
    report("whole command", [one for one, _ in pairs], options.count)
    report("floor, one at a time", [one for _, one in pairs], options.count)
    ratios = [mine / least for mine, least in pairs]
    print(f"{'ratio':24}{statistics.median(ratios):8.2f}   ({min(ratios):.2f} to {max(ratios):.2f})")


def report(name: str, times: list[float], count: int) -> None:
    """Print a median with its spread, in milliseconds for each hand-in."""
    each = [1000 * one / count for one in times]
    print(f"{name:24}{statistics.median(each):8.1f} ms each   ({min(each):.1f} to {max(each):.1f})")


if __name__ == "__main__":
    main()
