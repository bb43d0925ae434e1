"""Three ways for a run to go wrong, in types.

    HarnessError
    ├── InputError      a person can mend it: a path, an assignment, an option. One clear line, exit 2
    ├── GraderFault     ours: reference and oracle disagree, the worker does not start. Never costs a mark, exit 3
    └── WorkerEnded     the child that ran a hand-in is gone, and why; it becomes that call's reply

What a hand-in does wrong is none of these: it is an `Outcome`.
"""


class HarnessError(Exception):
    """The root of all errors that this project raises on purpose."""


class InputError(HarnessError):
    """Something that a person gave can't be used; the message names it and says what to do."""


class GraderFault(HarnessError):
    """The grader itself failed; nothing that depends on it may be graded."""


class WorkerEnded(HarnessError):
    """The child stopped answering.

    Attributes
    ----------
    timed_out : True when the parent's clock ran out, False when the child died or broke the protocol.
    """

    def __init__(self, message: str, *, timed_out: bool) -> None:
        super().__init__(message)
        self.timed_out = timed_out
