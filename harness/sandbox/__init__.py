"""Starts, confines and talks to the processes that run student code.

What it promises at every level, on Linux and on macOS:

- a hand-in runs in a process of its own, forked from an interpreter that ran no other and never held an expectation;
- that process has a session, an empty private folder, a bare environment, no descriptor but its wire, and limits
  on memory, processor time, file size and open files;
- every wait has a deadline on the grader's clock; when the hand-in is done, or late, its whole group is killed, and
  on Linux whatever it left behind in other groups too;
- what it sends back is data: arrays of a few dtypes, capped, and short texts. It can be wrong; it can't be code.

Where the kernel offers them, a child takes more layers before it sees a student's byte, and ends if it can't:

- ``landlock`` (Linux 5.13): it reads the interpreter, its libraries and a few devices, and nothing else: not this
  project's source, not other hand-ins, not home, not /proc; it writes in its private folder alone;
- ``seccomp``: no new program, no new process, no socket, no look into and no signal to another process, no shared
  memory, no namespaces, and none of the usual doors out (io_uring, bpf, userfaultfd, perf, keys);
- ``namespaces``: a network in which there is nothing, IPC and mounts apart, and a quota on its folder.

The level of a run is the layers that it has, ``landlock+seccomp+namespaces`` or, without any, ``process``; the screen
and every report say which. ``SECURITY.md`` has promises and non-promises of each level, and how they are tested.
"""

from harness.sandbox.child_process import ChildProcess
from harness.sandbox.layers import choose_layers, level
from harness.sandbox.pool import Zygote

__all__ = ["ChildProcess", "Zygote", "choose_layers", "level"]
