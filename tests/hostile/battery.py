"""Every attack in one run of the command line, each beside an honest neighbour; and what the run left behind.

Run as a program it grades, and prints what it saw as JSON: so it can be started as another user. It adopts whatever
processes the run leaves, and watches how much memory the grader takes.
"""

import ctypes
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from tests.hostile.attacks import ATTACKS, MARK, RIGHT

PROJECT = Path(__file__).resolve().parents[2]
HONEST = "-neighbour"
#: Little time for each, so that the suite is quick.
LIMITS = """
[limits]
load_seconds = 0.6
call_seconds = 0.2
total_seconds = 2.0
memory_bytes = 1073741824
hangs_per_entry = 1
"""
_SUBREAPER = 36


def run(level: str, jobs: int) -> dict[str, Any]:
    """Grade all attacks that a level promises to withstand; say what was written, and what was left."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("calm", "hostile", "scratch"):
            (folder / part).mkdir()
        toml = (PROJECT / "harness" / "assignments" / "notes.toml").read_text()
        (folder / "impatient.toml").write_text(re.sub(r"(?ms)^\[limits\].*?(?=^\[|\Z)", "", toml) + LIMITS)
        honest = ("import numpy as np\n" + RIGHT.format(cell="pass", layer="pass")).encode()
        for id, attack in ATTACKS.items():
            if attack.processes or level != "process":
                (folder / "hostile" / f"{id}{attack.suffix}").write_bytes(attack.content)
                (folder / "hostile" / f"{id}{HONEST}.py").write_bytes(honest)
        (folder / "calm" / "one.py").write_bytes(honest)
        _grade(folder, "calm", level, jobs)  # so that the oracle's answers are known, and torch is not loaded
        calm = _grade(folder, "calm", level, jobs)
        return {**_grade(folder, "hostile", level, jobs), "calm_memory": calm["memory"], "left": _left(folder)}


def _grade(folder: Path, what: str, level: str, jobs: int) -> dict[str, Any]:
    command = [sys.executable, str(PROJECT / "grade.py"), what, "--assignment", "impatient.toml", "--jobs", str(jobs)]
    process = subprocess.Popen(
        [*command, "--sandbox", level, "--out", f"out-{what}"],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder / "scratch")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    memory = [0]
    watch = threading.Thread(target=_watch, args=(process.pid, memory))
    watch.start()
    said, _ = process.communicate()
    watch.join()
    results = folder / f"out-{what}" / "results.json"
    graded = json.loads(results.read_text())["submissions"] if results.exists() else []
    return {"code": process.returncode, "said": said, "memory": memory[0], "submissions": graded}


def _watch(pid: int, memory: list[int]) -> None:
    """Note the most memory that a grader has had, the first or one that it forked, until the first ends."""
    while True:
        most = [_most_memory(one) for one in (pid, *_forked_graders(pid))]
        if not most[0]:
            return
        memory[0] = max(memory[0], *most)
        time.sleep(0.02)


def _most_memory(pid: int) -> int:
    """What a process has had at most; 0 if it has ended."""
    found = re.search(r"VmHWM:\s+(\d+) kB", "\n".join(_lines(f"/proc/{pid}/status")))
    return int(found[1]) << 10 if found else 0


def _forked_graders(pid: int) -> list[int]:
    """The children of a grader that run the same command: the others are zygotes."""
    children = [int(one) for line in _lines(f"/proc/{pid}/task/{pid}/children") for one in line.split()]
    return [one for one in children if _lines(f"/proc/{one}/cmdline") == _lines(f"/proc/{pid}/cmdline")]


def _left(folder: Path) -> list[str]:
    """Whatever is still there: processes, files, shared memory, sockets."""
    deadline = time.monotonic() + 2
    while (strays := psutil.Process().children(recursive=True)) and time.monotonic() < deadline:
        time.sleep(0.02)
    left = [f"process {one.pid}" for one in strays]
    left += [str(path) for path in (folder / "scratch").rglob("*")]
    left += [str(path) for place in ("/tmp", "/dev/shm", "/var/tmp") for path in Path(place).glob(f"*{MARK}*")]
    left += ["a segment of shared memory" for line in _lines("/proc/sysvipc/shm") if line.split()[0] == str(0x5EED)]
    left += ["a socket" for line in _lines("/proc/net/unix") if MARK in line]
    return left


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


if __name__ == "__main__":
    json.dump(run(sys.argv[1], int(sys.argv[2])), sys.stdout)
