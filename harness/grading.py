"""Grade one submission, or all of a run: questions out, replies in, verdicts, findings, a grade."""

import hashlib
import queue
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Protocol

from harness.bank import Bank
from harness.bugs import Evidence, Source
from harness.checks import CHECKS, Verdict
from harness.conversation import Conversation, Zygotes
from harness.diagnose import Diagnoser, all_sightings, listings_of, notes_of, rebuild_source, sightings_in
from harness.dialects import Dialect, recognise
from harness.errors import GraderFault
from harness.judging import Judging, all_unfinished
from harness.model import (
    Assignment,
    Call,
    CheckResult,
    Delivery,
    Edit,
    Grade,
    Listing,
    Loaded,
    Outcome,
    Reply,
    ReplyKind,
    Student,
    Submission,
)
from harness.proof import in_order, prove, runs_for
from harness.shrinking import Shrinker
from harness.twins import Twins
from harness.ways import Match
from harness.words import Text, say, together

#: A hand-in that takes longer than this as it is, is not asked over and over for a smallest input.
_SLOW_SECONDS = 3.0


class Known:
    """What a run works out about the known bugs: their outputs, and the smallest inputs that show them."""

    def __init__(self, assignment: Assignment, bank: Bank) -> None:
        self.twins = Twins(bank, assignment)
        self.shrinker = Shrinker(assignment, bank)


class Grader:
    """Grades submissions one at a time; one for each thread, for it owns its zygotes.

    Parameters
    ----------
    assignment, bank : what is asked, and with which cases
    layers : of confinement; by default what the kernel offers
    known : what is worked out once about the known bugs, to share with other graders
    """

    def __init__(
        self, assignment: Assignment, bank: Bank, layers: tuple[str, ...] | None = None, known: Known | None = None
    ) -> None:
        self.assignment, self.bank = assignment, bank
        self._judging = Judging(assignment, bank)
        self._zygotes = Zygotes(layers, assignment, self._judging.usual)
        known = known or Known(assignment, bank)
        self._twins, self._shrinker = known.twins, known.shrinker

    def close(self) -> None:
        """End the processes."""
        self._zygotes.close()

    def grade(self, submission: Submission) -> Grade:
        """Grade a submission; a fault of ours becomes a grade that says so, and costs no mark."""
        began = time.monotonic()
        return replace(self._grade_or_say_why_not(submission), seconds=time.monotonic() - began)

    def _grade_or_say_why_not(self, submission: Submission) -> Grade:
        try:
            try:
                return self._grade(submission)
            except GraderFault:
                return self._grade(submission)  # once more, with fresh processes: the fault may have been the machine's
        except GraderFault as fault:
            return not_graded(submission, self.assignment, str(fault))
        except Exception as error:  # noqa: BLE001 a bug of ours must not cost the rest of the batch
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
            return not_graded(submission, self.assignment, f"{type(error).__name__}: {error} ({place})")

    def _grade(self, submission: Submission) -> Grade:
        if submission.content is None:
            return _unreadable(submission, self.assignment, submission.unreadable or "it can't be read")
        began = time.monotonic()
        with Conversation(submission, self.assignment, self._zygotes) as conversation:
            loaded = conversation.load()
            if loaded.unreadable is not None:
                return _unreadable(submission, self.assignment, loaded.unreadable)
            replies = conversation.ask_and_read(self._judging.calls(loaded))
            checks = self._judging.judge(loaded, replies)
            taken = time.monotonic() - began
            match = None if _is_full(checks) else self._twins.match(replies)
            dialect = None
            ended = any(reply.kind in (ReplyKind.TIMED_OUT, ReplyKind.DIED) for reply in replies.values())
            if taken < _SLOW_SECONDS and not _is_full(checks) and not ended:
                dialect = self._dialect(checks, loaded, match, conversation)
                match = None if dialect else match
            if taken < _SLOW_SECONDS:
                checks = self._on_smallest_inputs(checks, loaded, match, conversation)
            text = conversation.source()
        source = rebuild_source(text, self.assignment)
        grade = assembled(
            submission,
            loaded,
            checks,
            _reason(loaded, self.assignment),
            (*_notes_of_checks(checks), *_notes_of_loading(loaded)),
            listings_of(text),
        )
        if _is_full(checks):
            return replace(grade, notes=(*grade.notes, *notes_of(sightings_in(source, quiet=False), checks)))
        with _Mended(submission, self._judging, self._zygotes) as mended:
            sightings = all_sightings(source, mended.source)
            evidence = Evidence(replies, checks, loaded, self.assignment, self.bank, dialect)
            diagnoses = Diagnoser(source, evidence, match).diagnose(sightings)
            findings, follow_through = prove(diagnoses, checks, source, mended.checks, runs_for(taken))
        notes = (*grade.notes, *notes_of(sightings, checks))
        return replace(grade, findings=findings, follow_through_score=follow_through, notes=notes)

    def _dialect(
        self, checks: tuple[CheckResult, ...], loaded: Loaded, match: Match | None, conversation: Conversation
    ) -> Dialect | None:
        """Try other conventions where no single bug explains what came back."""
        if match is not None and len(match.way.names) == 1:
            return None
        return recognise(loaded, checks, self.bank, self.assignment, conversation.ask)

    def _on_smallest_inputs(
        self, checks: tuple[CheckResult, ...], loaded: Loaded, match: Match | None, conversation: Conversation
    ) -> tuple[CheckResult, ...]:
        """Show the first failure of each entry on the smallest input that shows it."""
        shown = list(checks)
        seen: set[str] = set()
        plans = {plan.id: plan for plan in self.assignment.checks}

        def ask(call: Call) -> Reply:
            return conversation.ask([call])[call.key]

        for i, check in enumerate(checks):
            case = self.bank.cases.get((check.counterexample or {}).get("case", ""))
            if case is None or case.entry in seen:
                continue
            seen.add(case.entry)
            verdict = Verdict(check.outcome, check.message, check.counterexample)
            if smaller := self._shrinker.smallest(plans[check.id], verdict, loaded, match, ask):
                shown[i] = replace(
                    check, outcome=smaller.outcome, message=smaller.message, counterexample=smaller.counterexample
                )
        return tuple(shown)


def not_graded(submission: Submission, assignment: Assignment, why: str) -> Grade:
    """The grade of a hand-in that nothing can be said of, for a fault of ours."""
    grade = _without_checks(submission, assignment, Outcome.GRADER_FAULT, say("the grader failed"))
    reason = say("the grader failed, not this code; nothing was graded: {why}", why=why)
    return replace(grade, graded=False, reason=reason)


def nothing_handed_in(student: Student, assignment: Assignment) -> Grade:
    """The row of somebody on the roster who handed in nothing."""
    why, nothing = say("nothing was handed in"), Submission(student.id, "", None)
    grade = _without_checks(nothing, assignment, Outcome.NOT_RUN, say("not run: {why}", why=why))
    return replace(grade, sha256="", reason=why, missing=True, delivery=Delivery(student))


def _unreadable(submission: Submission, assignment: Assignment, why: str) -> Grade:
    grade = _without_checks(submission, assignment, Outcome.NOT_RUN, say("not run: {why}", why=why))
    return replace(grade, reason=say("not readable: {why}", why=why))


def _without_checks(submission: Submission, assignment: Assignment, outcome: Outcome, message: Text) -> Grade:
    """A grade in which every check has the same outcome, for none could be asked."""
    checks = tuple(
        CheckResult(plan.id, CHECKS[plan.id].claim, outcome, plan.points, 0.0, message) for plan in assignment.checks
    )
    return assembled(submission, None, checks)


def assembled(
    submission: Submission,
    loaded: Loaded | None,
    checks: tuple[CheckResult, ...],
    reason: Text | None = None,
    notes: tuple[Text, ...] = (),
    listings: tuple[Listing, ...] = (),
) -> Grade:
    """Put a grade together, without findings."""
    score = sum(check.earned for check in checks)
    return Grade(
        id=submission.id,
        path=submission.path,
        sha256=hashlib.sha256(submission.content or b"").hexdigest(),
        form=loaded.form if loaded else None,
        graded=True,
        reason=reason,
        score=score,
        follow_through_score=score,
        max_score=sum(_counted(check) for check in checks),
        checks=checks,
        notes=notes,
        printed=loaded.printed if loaded else "",
        listings=listings,
    )


class _Mended:
    """A hand-in with some of its lines replaced, read or run again; a context manager, for a child may be left.

    The child stays for as long as the same lines are asked about: what is read to look for more clues is mostly what is
    then run to prove the fix.
    """

    def __init__(self, submission: Submission, judging: Judging, zygotes: Zygotes) -> None:
        self._submission, self._judging, self._zygotes = submission, judging, zygotes
        self._open = ExitStack()
        self._edits: tuple[Edit, ...] | None = None

    def __enter__(self) -> "_Mended":
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()

    def source(self, edits: tuple[Edit, ...]) -> Source:
        """Read it."""
        conversation, _ = self._with(edits)
        return rebuild_source(conversation.source(), self._judging.assignment)

    def checks(self, edits: tuple[Edit, ...]) -> tuple[CheckResult, ...]:
        """Run every check on it."""
        conversation, loaded = self._with(edits)
        return self._judging.judge(loaded, conversation.ask(self._judging.calls(loaded)))

    def _with(self, edits: tuple[Edit, ...]) -> tuple[Conversation, Loaded]:
        edits = in_order(edits)
        if edits != self._edits:
            self._open.close()
            mended = Conversation(self._submission, self._judging.assignment, self._zygotes, edits)
            self._conversation = self._open.enter_context(mended)
            self._edits, self._loaded = edits, self._conversation.load()
        return self._conversation, self._loaded


class AnyGrader(Protocol):
    """A `Grader`, wherever it is."""

    def grade(self, submission: Submission) -> Grade:
        """Grade a submission."""

    def close(self) -> None:
        """End its processes."""


#: Gives a hand-in, read, when its turn has come.
Reading = Callable[[], Submission]


def grade_all(
    readings: Iterable[Reading],
    assignment: Assignment,
    bank: Bank,
    *,
    jobs: int,
    layers: tuple[str, ...] | None = None,
    others: Iterable[AnyGrader] = (),
    known: Callable[[Submission], Grade | None] = lambda submission: None,
    keep: Callable[[Grade], None] = lambda grade: None,
) -> Generator[Grade, None, None]:
    """Grade every hand-in on several threads, each with a zygote of its own; grades in the order of the hand-ins.

    Closed before its end, it grades no more than what has begun.

    Parameters
    ----------
    jobs : how many hand-ins are run at a time
    layers : of confinement; by default what the kernel offers
    others : graders to use beside those that are made here; closed at the end, too
    known : gives the grade of what need not be graded again
    keep : called with each grade that is made as soon as it is, in no order, by the thread that made it
    """
    shared = Known(assignment, bank)
    with (
        Graders(lambda: Grader(assignment, bank, layers, shared), others) as graders,
        ThreadPoolExecutor(jobs) as pool,
    ):

        def grade(reading: Reading) -> Grade:
            submission = reading()
            grade = known(submission)
            if grade is None:
                with graders.one() as grader:
                    grade = grader.grade(submission)
                keep(grade)
            return grade

        yield from pool.map(grade, readings)


class Graders:
    """Graders that are lent to one thread at a time, each made when it is first needed; closes them all.

    Parameters
    ----------
    ready : those that are there already
    """

    def __init__(self, make: Callable[[], Grader], ready: Iterable[AnyGrader] = ()) -> None:
        self._make = make
        self._free: queue.SimpleQueue[AnyGrader] = queue.SimpleQueue()
        for one in ready:
            self._free.put(one)
        self._closed = False

    def __enter__(self) -> "Graders":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes, of those that are lent when they come back."""
        self._closed = True
        while not self._free.empty():
            self._free.get().close()

    @contextmanager
    def one(self) -> Iterator[AnyGrader]:
        """Lend one, so long."""
        try:
            grader: AnyGrader = self._free.get_nowait()
        except queue.Empty:
            grader = self._make()
        try:
            yield grader
        finally:
            self._free.put(grader)
            if self._closed:
                self.close()


def _is_full(checks: tuple[CheckResult, ...]) -> bool:
    return all(check.outcome in (Outcome.PASSED, Outcome.NOT_APPLICABLE) or not check.points for check in checks)


def _counted(check: CheckResult) -> float:
    return 0.0 if check.outcome is Outcome.NOT_APPLICABLE else check.points


def _reason(loaded: Loaded, assignment: Assignment) -> Text | None:
    if loaded.form is None:
        wanted = " or ".join(entry.title for entry in assignment.entries[:2])
        missing = list(dict.fromkeys(loaded.missing.values()))  # plain text of the child's
        told: Text = together("; ", list(missing)) if missing else say("no {names}", names=wanted)
        return say("nothing to run was found: {why}", why=told)
    if all_unfinished(loaded):
        return say("not attempted: every entry is still the template")
    return None


def _notes_of_checks(checks: tuple[CheckResult, ...]) -> Iterator[Text]:
    yield from {str(check.note): check.note for check in checks if check.note}.values()


def _notes_of_loading(loaded: Loaded) -> Iterator[Text]:
    if loaded.cut_short is not None:
        yield say("only its definitions were run, for the whole file did not end well: {what}", what=loaded.cut_short)
    for problem in loaded.problems[:20]:
        yield say("{place} was set aside: {what}", place=problem.place, what=f"{problem.type}: {problem.message}")
