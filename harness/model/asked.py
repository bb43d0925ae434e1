"""What is asked: the assignment, its entries and checks, and the cases and calls that are made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Extended = NDArray[np.longdouble]
#: What a call is given: arrays, and now and then a count or a name (`timesteps`, `activation`).
Argument = Doubles | int | str


class Form(StrEnum):
    """How a hand-in is written."""

    FUNCTIONS = "functions"
    CLASS = "class"
    MODULE = "module"
    SCRIPT = "script"


@dataclass(frozen=True)
class LateRule:
    """What lateness costs.

    Attributes
    ----------
    grace_minutes : after which a hand-in is late
    percent_per_day : of what can be earned, for each day begun
    most_percent : that is ever taken
    """

    due: datetime
    grace_minutes: float = 0.0
    percent_per_day: float = 0.0
    most_percent: float = 100.0


#: How values stand in a call, or come back: a word, a list, a dict, or a constant.  See `harness.templates`.
Template = Any


@dataclass(frozen=True)
class Step:
    """A method that is called on a fresh object before it is asked anything.

    Attributes
    ----------
    arguments : its arguments as templates; it is left out where one of them is not there
    """

    method: str
    arguments: tuple[Template, ...]


@dataclass(frozen=True)
class Entry:
    """One thing that the student writes.

    Attributes
    ----------
    name : what its cases are called by, and so the checks that ask them: ``cell``, ``layer`` ...
    question : what is asked, of `harness.questions`
    parameters : canonical names of the arguments in their order; those from `required` on may be left out
    required : how many must be there
    functions : names that a function may have, the expected one first
    methods : names that a method may have; none when no class can answer
    looks_like : ``step`` or ``loop``, to tell a cell from a layer where names do not; empty where nothing is taken
        for it but what bears its name
    optional_in : forms that need not have it; its checks are then NOT_APPLICABLE
    classes : names that a class must have; none where any will do that has such a method
    call : how the arguments stand in a call; None where they stand as `parameters` says
    always : optional words that are given all the same, as zeros
    returns : how the parts of the answer stand in what comes back; None where the first part is all of it
    construct : what a class is built with: a list by position, a dict by name; None where names decide
    attributes : what is set on a fresh object, by path
    setup : methods that are called on it then
    reads : parts of the answer that are read from the object after the call, with the paths that all must have it
    forward : the entry that is called first with the same problem, for what it leaves or hands on as ``cache``
    signature, constructor : how students are told to write it, as in ``RNNCell.forward(self, x, h)`` and
        ``RNNCell(input_size, hidden_size)``; made from the rest where they are empty
    """

    name: str
    question: str
    parameters: tuple[str, ...]
    required: int
    functions: tuple[str, ...]
    methods: tuple[str, ...] = ()
    looks_like: str = ""
    optional_in: tuple[Form, ...] = ()
    classes: tuple[str, ...] = ()
    call: tuple[Template, ...] | None = None
    always: tuple[str, ...] = ()
    returns: Template = None
    construct: Template = None
    attributes: Mapping[str, Template] = field(default_factory=dict)
    setup: tuple[Step, ...] = ()
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    forward: str = ""
    signature: str = ""
    constructor: str = ""

    @property
    def title(self) -> str:
        """What it is called where students are told of it."""
        return self.functions[0] if self.functions else f"{self.classes[0]}.{self.methods[0]}"


@dataclass(frozen=True)
class Limits:
    """How long a hand-in may take, and how much memory.

    Attributes
    ----------
    load_seconds, call_seconds, total_seconds : wall clock, kept by the parent
    memory_bytes : address space of the child
    hangs_per_entry : after so many calls that hang, the rest of that entry are taken to hang too
    """

    load_seconds: float = 20.0
    call_seconds: float = 5.0
    total_seconds: float = 60.0
    memory_bytes: int = 2 << 30
    hangs_per_entry: int = 2


@dataclass(frozen=True)
class CheckPlan:
    """A check as an assignment uses it: its id, its points, the checks that must pass first, and who may see it.

    Attributes
    ----------
    hidden : it counts, and nothing that students are given says a word about it
    """

    id: str
    points: float
    after: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True)
class Joined:
    """An array that is several in one.

    Attributes
    ----------
    parts : the arrays, in their order
    axes : of each, the one along which they are joined as ``*``: ``"* H"``
    """

    parts: tuple[str, ...]
    axes: str


@dataclass(frozen=True)
class Assignment:
    """What was asked, read from a TOML file.

    Attributes
    ----------
    names : for each word of the notes (``Wx``, ``hidden_size`` ...) the names a script or class may use for it
    weights : the parameters that are weights: an object holds them, a method is not given them
    convention : for each array its axes, as in ``"H D"``; ``1`` is an axis of length one
    joined : arrays that are several in one, as a weight of input and state
    batch : whether there is a batch axis: ``optional``, ``always`` or ``never``
    zero : words that the course does not have, so that they are zeros in every problem, as a bias
    gradients : of weights over a batch: ``sum`` or ``mean``
    helpers : modules that hand-ins import, by name, with their source
    preamble, base : what the starter begins with, and what its classes derive from
    package : whose part a hand-in says it is, for its relative imports
    wrap : a class that every array is given as, as in ``needle.Tensor``; its ``numpy()`` gives it back
    extra_row : ``none``, or where the initial state stands in a result of T+1 rows: ``first``, ``last``
    single_precision : ``allowed``, ``note`` or ``fault``
    feedback : what students are told: ``full``, ``no-expected`` (the input and what came back), ``hints`` (the claim
        and the bug's name) or ``marks``
    mark : which of the two scores is the mark: ``score`` or ``follow-through``
    torch : whether a hand-in may import torch
    ready_made : whether `torch.nn.RNN` and its like may be called
    late : what lateness costs, if anything
    """

    name: str
    title: str
    entries: tuple[Entry, ...]
    checks: tuple[CheckPlan, ...]
    names: Mapping[str, tuple[str, ...]]
    weights: tuple[str, ...]
    convention: Mapping[str, str]
    forms: tuple[Form, ...]
    joined: Mapping[str, "Joined"] = field(default_factory=dict)
    batch: str = "optional"
    zero: tuple[str, ...] = ()
    gradients: str = "sum"
    helpers: Mapping[str, str] = field(default_factory=dict)
    preamble: str = "import numpy as np"
    base: str = ""
    package: str = ""
    wrap: str = ""
    extra_row: str = "none"
    single_precision: str = "note"
    feedback: str = "full"
    mark: str = "score"
    torch: bool = True
    ready_made: bool = False
    limits: Limits = field(default_factory=Limits)
    late: LateRule | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """Named inputs with what is expected of them and how close is close enough. Each is itself alone.

    Attributes
    ----------
    name : ``<entry>.<what it is for>``, and ``:<part>`` where it is about another part than the entry's first
    entry : the entry that it is a question for
    question : what that entry is asked, of `harness.questions`
    part : of the answer, that it is about
    arguments : canonical arrays, in the entry's order
    given : what the hand-in is given, by word, as the assignment lays it out; empty before it is laid out
    expected : what the reference says
    allowed : elementwise bound for an answer computed in double
    allowed_single : the same for single precision
    stepwise : judged row by row from the student's own state before, because the bound over the whole is too wide;
        then the two bounds are for one step
    """

    name: str
    entry: str
    question: str
    part: str
    arguments: tuple[Argument, ...]
    expected: Extended
    allowed: Extended
    allowed_single: Extended
    stepwise: bool = False
    given: Mapping[str, Argument | None] = field(default_factory=dict)

    @property
    def problem(self) -> str:
        """The name of the problem: cases about other parts of the same answer share it."""
        return self.name.partition(":")[0]


@dataclass(frozen=True, eq=False)
class Call:
    """One question to the worker: arrays out, never an expectation. Each is itself alone, whatever it asks.

    Attributes
    ----------
    key : names the call within a hand-in
    entry : which entry to call; ``script`` runs the script, ``weights`` reads the weights that the hand-in makes
    arguments : as the assignment lays them out
    words : what they are, for an entry whose call the assignment declares
    times : how often to call the same object, with fresh copies of the arguments each time
    echo : send the arguments back as they are afterwards
    first : where a tuple comes back, take what stands first in it
    """

    key: str
    entry: str
    arguments: tuple[Argument | None, ...] = ()
    times: int = 1
    echo: bool = False
    words: tuple[str, ...] = ()
    first: bool = False
