"""Starts, confines and talks to the processes that run student code.

What it promises today, on Linux and on macOS:

- a hand-in runs in a process of its own, forked from a fresh interpreter that never held an expectation;
- that process has a session, an empty private folder, a bare environment, no descriptor but its wire, and limits
  on memory, processor time, file size and open files;
- every wait has a deadline on the grader's clock; when the hand-in is done, or late, its whole group is killed, and
  on Linux whatever it left behind in other groups too;
- what it sends back is data: arrays of a few dtypes, capped, and short texts. It can be wrong; it can't be code.

What it does not promise yet: that the hand-in can't read files that this user can read, use the network, or send
signals to other processes of this user while it runs. The level is called ``process`` and every report says so.
`harness.worker.confinement` is where the missing restrictions go.
"""

from harness.sandbox.pool import ChildProcess, Zygote, level

__all__ = ["ChildProcess", "Zygote", "level"]
