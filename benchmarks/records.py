"""What was measured before: a line of JSON for each time, kept in the repository, so that a regression shows."""

import datetime
import json
import os
import platform
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "records"


def machine() -> dict[str, Any]:
    """What the numbers hold for."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cpu": model, "cores": cores, "system": platform.release(), "python": platform.python_version()}


def last(name: str) -> dict[str, Any]:
    """The record before this one; empty if there is none."""
    path = FOLDER / f"{name}.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    record: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return record


def keep(name: str, measured: dict[str, Any]) -> Path:
    """Add a record."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.jsonl"
    record = {"date": datetime.date.today().isoformat(), "machine": machine(), **measured}
    with path.open("a") as file:
        file.write(json.dumps(record) + "\n")
    return path
