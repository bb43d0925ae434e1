"""The words of the project as frozen records; no behaviour.

Data goes one way: Submission (bytes) → worker → Reply → CheckResult and Finding → Grade → Run → reports.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.words import Text, Words, say

Doubles = NDArray[np.float64]
Extended = NDArray[np.longdouble]
#: What a call is given: arrays, and now and then a count or a name (`timesteps`, `activation`).
Argument = Doubles | int | str


class Outcome(StrEnum):
    """What became of one check on one hand-in."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    RAISED = "RAISED"
    TIMED_OUT = "TIMED_OUT"
    NOT_RUN = "NOT_RUN"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    GRADER_FAULT = "GRADER_FAULT"


class Form(StrEnum):
    """How a hand-in is written."""

    FUNCTIONS = "functions"
    CLASS = "class"
    MODULE = "module"
    SCRIPT = "script"


@dataclass(frozen=True)
class Submission:
    """One hand-in: an id, and bytes.

    Attributes
    ----------
    id : stable and unique within a run
    path : as it is shown, relative to what was given on the command line
    content : the bytes, or None when they could not be had
    unreadable : why not, in one line; None when `content` is there
    """

    id: str
    path: str
    content: bytes | None
    unreadable: str | None = None


@dataclass(frozen=True)
class Student:
    """Somebody of a class, as far as an export or the roster tells; what is not known is empty.

    Attributes
    ----------
    id : of the roster, or of the system that the hand-in came from
    account : the number that the system itself goes by: Canvas' user id, Moodle's participant, Gradescope's SID
    due : a time of their own, where the roster gives one
    """

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    account: str = ""
    due: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """How a hand-in came: by whom, when, and what else came with it.

    Attributes
    ----------
    at : when, where the export says
    late : the export says that it was late, maybe without saying how much
    set_aside : other files of the same student, which do not count
    folder : of the student in the export, for what is to be read back there
    """

    student: Student
    at: datetime | None = None
    late: bool = False
    set_aside: tuple[str, ...] = ()
    folder: str = ""


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


@dataclass(frozen=True)
class Lateness:
    """How late a hand-in is, and what the rule takes for it; beside the mark, never inside it.

    Attributes
    ----------
    days : days begun, None where it is late and nobody knows how much
    points : taken, None where `days` is
    """

    days: int | None
    points: float | None


@dataclass(frozen=True)
class Place:
    """A line of a hand-in.  `harness.language` says it in other languages.

    Attributes
    ----------
    line : from 1; in the file for .py and .md, in the cell for .ipynb
    cell : from 1, counting all cells of a notebook; None elsewhere
    """

    line: int
    cell: int | None = None

    def words(self) -> Words:
        """Say where it is."""
        if self.cell is None:
            return say("line {line}", line=self.line)
        return say("cell {cell}, line {line}", cell=self.cell, line=self.line)

    def __str__(self) -> str:
        return str(self.words())


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


class ReplyKind(StrEnum):
    """How a call ended."""

    RETURNED = "RETURNED"
    RAISED = "RAISED"
    TIMED_OUT = "TIMED_OUT"
    DIED = "DIED"
    ABSENT = "ABSENT"


@dataclass(frozen=True)
class NotAnArray:
    """A result that is no array of numbers, in words: ``None``, ``a tuple of 2``, ``a str``."""

    description: str


Value = NDArray[Any] | NotAnArray


@dataclass(frozen=True)
class Reply:
    """What came back for one call. Never a judgement.

    Attributes
    ----------
    values : one for each time it was called; for ``script`` and ``weights`` see `named`
    parts : where the assignment declares what comes back: the values of each part, for each time
    arguments_after : the arguments as the call left them, when it was asked to echo them
    named : variables of a script, or weights, by the notes' word
    message : of the exception, the time-out or the death
    place : the student's line that raised, when there is one
    """

    kind: ReplyKind
    values: tuple[Value, ...] = ()
    arguments_after: tuple[Value, ...] = ()
    named: Mapping[str, Value] = field(default_factory=dict)
    message: str = ""
    place: Place | None = None
    parts: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    def about(self, part: str) -> "Reply":
        """The same reply with the values of one part."""
        return replace(self, values=self.parts[part]) if part in self.parts else self


@dataclass(frozen=True)
class Problem:
    """A statement of the hand-in that could not be read or run, and was set aside."""

    place: Place
    type: str
    message: str


@dataclass(frozen=True)
class FoundEntry:
    """Which function, method or class of the hand-in answers for an entry.

    Attributes
    ----------
    name : as the student wrote it
    place : where it is defined
    unfinished : why it counts as not attempted (``pass``, ``return None`` ...), or None
    """

    name: str
    place: Place | None
    unfinished: str | None = None


@dataclass(frozen=True)
class Loaded:
    """What the worker found when it loaded a hand-in.

    Attributes
    ----------
    form : None when nothing that was asked for is there
    script : a loop at the top of the file answers for the layer: in a script, or beside a function for the cell
    missing : for each entry that is not there, why, in words
    cut_short : why its definitions alone were run, where the whole of it did not end well
    """

    form: Form | None
    entries: Mapping[str, FoundEntry]
    missing: Mapping[str, str]
    problems: tuple[Problem, ...]
    unreadable: str | None = None
    printed: str = ""
    script: bool = False
    cut_short: str | None = None


@dataclass(frozen=True)
class States:
    """Hidden states over time, for a picture: rows are timesteps, columns hidden units; of the first sample of a batch.

    Attributes
    ----------
    got : what came back; None where no number did
    expected : what should have; empty for those who are not to be told
    wrong : the first timestep that is out of its bound, from 0
    """

    got: tuple[tuple[float | None, ...], ...]
    expected: tuple[tuple[float, ...], ...]
    wrong: int


@dataclass(frozen=True)
class CheckResult:
    """What one check says of one hand-in.

    Attributes
    ----------
    counterexample : the call that shows it, ``yours`` and ``should_be``; plain JSON
    note : something worth saying about a check that passed
    states : a picture of what went wrong, where it is hidden states over time
    """

    id: str
    claim: str
    outcome: Outcome
    points: float
    earned: float
    message: Text = ""
    counterexample: Mapping[str, Any] | None = None
    note: Text = ""
    states: States | None = None


@dataclass(frozen=True)
class Listing:
    """A stretch of code as it was read: a file, a fence of Markdown, a notebook cell.

    Attributes
    ----------
    first_line : its number, in the file or in the cell
    cell : from 1; None elsewhere
    """

    text: str
    first_line: int = 1
    cell: int | None = None


@dataclass(frozen=True)
class Edit:
    """A stretch of a hand-in and the text that takes its place.

    Attributes
    ----------
    place : the line where it begins
    column, end_line, end_column : in characters from 0; the end is not included
    """

    place: Place
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True)
class Finding:
    """A known bug seen in a hand-in.

    Attributes
    ----------
    evidence : of ``clue``, ``twin``, ``fix``, in that order
    costs : ids of the checks that it cost
    fix : a small diff, or None
    """

    rule: str
    place: Place | None
    evidence: tuple[str, ...]
    costs: tuple[str, ...]
    message: Text
    fix: str | None = None


@dataclass(frozen=True)
class Adjustment:
    """A mark that a person set.

    Attributes
    ----------
    check : a check's id, or ``total``
    """

    id: str
    check: str
    points: float
    reason: str
    who: str


@dataclass(frozen=True)
class Grade:
    """What one submission earned.

    Attributes
    ----------
    graded : False only when something of ours failed; `reason` then says what
    mark : the score that the assignment says is the mark
    reason : one line about the hand-in as a whole (not attempted, not readable ...), or None
    follow_through_score : with its proved fixes applied; equal to `score` where no fix was proved
    notes : things that cost nothing
    printed : the beginning of what it printed while it was loaded
    listings : the code as it was read, the beginning of it
    adjustments : what a person set, already reckoned in
    delivery : who handed in, and when; None where nobody knows
    lateness : None for what is in time, and where no rule or no time is known
    missing : nothing was handed in at all
    seconds : that grading it took; no part of what it earned
    """

    id: str
    path: str
    sha256: str
    form: Form | None
    graded: bool
    reason: Text | None
    score: float
    follow_through_score: float
    max_score: float
    checks: tuple[CheckResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Text, ...] = ()
    printed: str = ""
    listings: tuple[Listing, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    delivery: Delivery | None = None
    lateness: Lateness | None = None
    missing: bool = False
    seconds: float | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Change:
    """A hand-in was graded anew.

    Attributes
    ----------
    before : its grade until then
    why : what was different: the hand-in, the assignment, the harness, or the oracle and the confinement
    """

    before: Grade
    why: tuple[Text, ...]


@dataclass(frozen=True)
class Run:
    """What all grades of a run were made with, and how they are to be told.

    Attributes
    ----------
    read : gives a hand-in again, by its id
    changed : tells what a hand-in had before its grade of now, by its id
    into : an exported gradebook or grading worksheet that marks are to be put into
    column : which of its columns is this assignment's, where its title does not say so
    linked : students' pages are written beside, so the page of the class may lead to them
    """

    assignment: Assignment
    torch_version: str
    device: str
    sandbox: str
    language: str = "en"
    read: Callable[[str], Submission] | None = None
    changed: Callable[[str], Change | None] | None = None
    into: Path | None = None
    column: str | None = None
    linked: bool = False
