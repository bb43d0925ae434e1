"""How long a hand-in takes, beside other graders and beside the floor: ``python -m benchmarks.compare``.

Everything is run interleaved, several times over. Of a command that grades many, the cost of a hand-in is what one more
takes: the time of a large class less that of a small one. The two floors are what cannot be gone below: a fresh
interpreter that executes the file with no checks at all (floor 1), and a fork that answers the same calls, without
confinement, deadline, diagnosis or report (floor 2).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import records
from benchmarks.peers import Peers
from benchmarks.work import PROJECT, make_class, make_varied_class, write_calls

FLOOR = "floor 2, one at a time"
#: Hand-ins of the small class; what is above it is divided by what is above it.
_SMALL = 8


@dataclass(frozen=True)
class Contender:
    """Something that is timed: gives the seconds that one hand-in takes."""

    name: str
    measure: Callable[[], float]


def seconds(command: list[str], variables: Mapping[str, str] | None = None) -> float:
    """Time a command; it must succeed."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=variables)
    return time.perf_counter() - began


def ours(
    folder: Path,
    count: int,
    *,
    wrong: int,
    jobs: int | None = None,
    make: Callable[..., list[Path]] = make_class,
) -> Callable[[], float]:
    """The whole command with all that it does by default, on what comes beyond a small class."""
    classes = {size: folder / str(size) for size in (_SMALL, _SMALL + count)}
    for size, place in classes.items():
        make(place, size, wrong=wrong)

    def whole(size: int) -> float:
        out = ["--out", str(folder / "grades"), "--fresh", *(["--jobs", str(jobs)] if jobs else [])]
        return seconds([sys.executable, str(PROJECT / "grade.py"), str(classes[size]), *out])

    return lambda: (whole(_SMALL + count) - whole(_SMALL)) / count


def alone(hand_in: Path, folder: Path) -> Callable[[], float]:
    """The whole command on one hand-in, its start included."""
    command = [sys.executable, str(PROJECT / "grade.py"), str(hand_in), "--out", str(folder), "--fresh"]
    return lambda: seconds(command)


def floor_1(hand_ins: list[Path]) -> Callable[[], float]:
    """A fresh interpreter for each."""
    program = "import sys, numpy; exec(compile(open(sys.argv[1]).read(), sys.argv[1], 'exec'))"
    commands = [[sys.executable, "-I", "-c", program, str(path)] for path in hand_ins]
    return lambda: sum(map(seconds, commands)) / len(commands)


def floor_2(calls: Path, hand_ins: list[Path], jobs: int) -> Callable[[], float]:
    """A fork for each, from a process that has NumPy."""
    program = [sys.executable, "-I", str(PROJECT / "benchmarks" / "floor.py"), str(calls), str(jobs)]
    variables = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}

    def whole(paths: list[Path]) -> float:
        return seconds([*program, *map(str, paths)], variables)

    return lambda: (whole(hand_ins) - whole(hand_ins[:_SMALL])) / (len(hand_ins) - _SMALL)


def contenders(folder: Path, count: int, peers: Peers | None, few: int) -> list[Contender]:
    """All that is timed."""
    calls = folder / "calls.npz"
    print(f"{write_calls(calls)} calls for each hand-in")
    hand_ins = make_class(folder / "right", max(count, _SMALL + 1))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    (one_wrong,) = make_class(folder / "one", 1, wrong=1)
    made = [
        Contender(FLOOR, floor_2(calls, hand_ins, 1)),
        Contender("floor 2, all cores", floor_2(calls, hand_ins, cores)),
        Contender("floor 1", floor_1(hand_ins[:few])),
        Contender("ours, right, one at a time", ours(folder / "a", count, wrong=0, jobs=1)),
        Contender("ours, right, all cores", ours(folder / "b", count, wrong=0)),
        Contender("ours, a quarter wrong, all cores", ours(folder / "c", count, wrong=4)),
        Contender(
            "ours, a quarter wrong, varied, all cores", ours(folder / "g", count, wrong=4, make=make_varied_class)
        ),
        Contender("ours, all wrong, one at a time", ours(folder / "d", count // 2, wrong=1, jobs=1)),
        Contender("ours, one alone, whole command", alone(hand_ins[0], folder / "e")),
        Contender("ours, one wrong alone, whole command", alone(one_wrong, folder / "f")),
        Contender("import torch", lambda: seconds([sys.executable, "-c", "import torch"])),
    ]
    if peers:
        for name, make in (("pytest", peers.pytest), ("nbgrader", peers.nbgrader), ("otter", peers.otter)):
            commands = make(hand_ins[:few])
            made.append(Contender(f"{name}, one at a time", _each(commands, few, peers)))
    return made


def _each(commands: list[list[str]], count: int, peers: Peers) -> Callable[[], float]:
    return lambda: sum(seconds(command, peers.variables) for command in commands) / count


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--count", type=int, default=200, help="hand-ins in a class")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--few", type=int, default=6, help="hand-ins for those that take seconds for each")
    parser.add_argument("--peers", type=Path, help="folder of an environment with the other graders; made by pip")
    options = parser.parse_args()
    os.environ.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # else each run would compile this project anew; nobody's machine does
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        peers = Peers(options.peers, folder / "peers", folder / "calls.npz") if options.peers else None
        timed = contenders(folder, options.count, peers, options.few)
        timed[-1].measure()  # warm the disk, and the oracle's cache
        alone(folder / "right" / "student_00000.py", folder / "warm")()
        times: dict[str, list[float]] = {one.name: [] for one in timed}
        for _ in range(options.rounds):
            for one in timed:
                times[one.name].append(one.measure())
        rows = {name: _row(taken, times[FLOOR]) for name, taken in times.items()}
        _print(rows, records.last("compare").get("rows", {}))
        measured = {"count": options.count, "rounds": options.rounds, "peers": peers.versions() if peers else {}}
        print(f"kept in {records.keep('compare', {**measured, 'rows': rows}).relative_to(PROJECT)}")


def _row(taken: list[float], floor: list[float]) -> dict[str, float]:
    ratios = [one / least for one, least in zip(taken, floor, strict=True)]
    values = {"ms": 1000 * statistics.median(taken), "ratio": statistics.median(ratios)}
    return {key: round(value, 3) for key, value in {**values, "low": min(ratios), "high": max(ratios)}.items()}


def _print(rows: dict[str, dict[str, float]], before: dict[str, dict[str, float]]) -> None:
    table = Table(box=None)
    table.add_column("")
    for head in ("ms each", "of floor 2", "spread", "before"):
        table.add_column(head, justify="right")
    for name, row in rows.items():
        spread = f"{row['low']:.2f} to {row['high']:.2f}"
        earlier = f"{before[name]['ratio']:.2f}" if name in before else ""
        table.add_row(name, f"{row['ms']:.1f}", f"{row['ratio']:.2f}", spread, earlier)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
