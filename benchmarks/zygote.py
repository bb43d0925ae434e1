"""The steps of a child, timed: ``python zygote.py PROJECT``, asked by `benchmarks.breakdown` over standard input."""

import json
import os
import resource
import statistics
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.worker.asked import Asked
    from harness.worker.confinement import Provided


def measure(asked: dict[str, Any], project: str) -> dict[str, dict[str, float]]:
    """Become a zygote and time children, each from its fork to its end."""
    from harness.worker import confinement, mother, namespaces, zygote

    mother.warm_up(project)
    if "namespaces" in asked["layers"]:
        namespaces.enter()
    told = zygote.make_ready(asked["told"], has_torch=False)
    provided = confinement.Provided()
    steps: dict[str, list[tuple[float, int]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(asked["rounds"]):
            for name, taken in one_child(asked, told, provided, folder).items():
                steps.setdefault(name, []).append(taken)
        provided.take_away()
    return {
        name: {
            "ms": 1000 * statistics.median(seconds for seconds, _ in taken),
            "page faults": statistics.median(faults for _, faults in taken),
        }
        for name, taken in steps.items()
    }


def one_child(asked: dict[str, Any], told: "Asked", provided: "Provided", folder: str) -> dict[str, tuple[float, int]]:
    """Make ready, fork, let the child say how long each step took, and see it end."""
    reader, writer = os.pipe()
    began = time.perf_counter()
    provided.provide(folder, asked["layers"])
    ready = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os.write(writer, json.dumps(steps_of_a_child(asked, told, folder, ready)).encode())
        os._exit(0)
    os.close(writer)
    steps: dict[str, tuple[float, int]] = json.loads(os.read(reader, 1 << 16))
    ending = time.perf_counter()
    os.waitpid(pid, 0)
    os.close(reader)
    return {"make ready": (ready - began, 0), **steps, "end": (time.perf_counter() - ending, 0)}


def steps_of_a_child(asked: dict[str, Any], told: "Asked", folder: str, began: float) -> dict[str, tuple[float, int]]:
    """Do what a child does."""
    from harness.worker import child, confinement

    steps: dict[str, tuple[float, int]] = {}
    last = [began, 0]

    def mark(name: str) -> None:
        now, faults = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        steps[name] = now - last[0], int(faults - last[1])
        last[:] = now, faults

    os.setsid()
    os.chdir(folder)
    mark("fork")
    confinement.confine({"memory_bytes": 2 << 30, "cpu_seconds": 80, "layers": asked["layers"]})
    mark("confine")
    hand_in = child.HandIn(told)
    hand_in.read(asked["request"]["name"], asked["request"]["content"])
    mark("read and parse")
    hand_in.run(definitions_only=False)
    mark("execute, find the entries")
    hand_in.describe()
    mark("describe")
    for call in asked["calls"]:
        hand_in.answer(told.calls[call])
    mark("answer the calls")
    hand_in.source()
    mark("flatten the trees")
    return steps


if __name__ == "__main__":
    os.register_at_fork = lambda **hooks: None  # as in `harness.launching`
    sys.path.insert(0, sys.argv[1])
    from harness.wire import unpack

    print(json.dumps(measure(unpack(sys.stdin.buffer.read()), sys.argv[1])))
