"""Grade one submission, or all of a run: questions out, replies in, verdicts, findings, a grade."""

import hashlib
import queue
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from harness.bank import Bank
from harness.bugs import Evidence, Source
from harness.checks import CHECKS, Answers, Check, ScriptAnswers, Verdict
from harness.checks.framework import script_calls
from harness.conversation import Conversation, Zygotes
from harness.diagnose import Diagnoser, all_sightings, notes_of, rebuild_source, sightings_in
from harness.errors import GraderFault
from harness.model import (
    Assignment,
    Call,
    Case,
    CheckPlan,
    CheckResult,
    Edit,
    Form,
    Grade,
    Loaded,
    Outcome,
    Reply,
    ReplyKind,
    Submission,
)
from harness.proof import prove
from harness.shrinking import Shrinker
from harness.twins import Match, Twins
from harness.words import Text, say, together

#: Sizes for which an object is built to see what weights it makes itself: input_size, hidden_size.
OWN_WEIGHT_SIZES = (3, 4)


class Grader:
    """Grades submissions one at a time; one for each thread, for it owns its zygotes.

    Parameters
    ----------
    assignment, bank : what is asked, and with which cases
    layers : of confinement; by default what the kernel offers
    twins : to share with other graders, for what they compute is kept
    """

    def __init__(
        self, assignment: Assignment, bank: Bank, layers: tuple[str, ...] | None = None, twins: Twins | None = None
    ) -> None:
        self.assignment, self.bank = assignment, bank
        self._zygotes = Zygotes(layers)
        self._twins = twins or Twins(bank, assignment)
        self._shrinker = Shrinker(assignment, bank)
        self._plan = {plan.id: _asked_cases(CHECKS[plan.id], bank) for plan in assignment.checks}

    def close(self) -> None:
        """End the processes."""
        self._zygotes.close()

    def grade(self, submission: Submission) -> Grade:
        """Grade a submission; a fault of ours becomes a grade that says so, and costs no mark."""
        try:
            try:
                return self._grade(submission)
            except GraderFault:
                return self._grade(submission)  # once more, with fresh processes: the fault may have been the machine's
        except GraderFault as fault:
            return self._not_graded(submission, str(fault))
        except Exception as error:  # noqa: BLE001 a bug of ours must not cost the rest of the batch
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
            return self._not_graded(submission, f"{type(error).__name__}: {error} ({place})")

    def _grade(self, submission: Submission) -> Grade:
        if submission.content is None:
            return self._unreadable(submission, submission.unreadable or "it can't be read")
        with Conversation(submission, self.assignment, self._zygotes) as conversation:
            loaded = conversation.load()
            if loaded.unreadable is not None:
                return self._unreadable(submission, loaded.unreadable)
            replies = conversation.ask(self._calls(loaded))
            checks = self._judge(loaded, replies)
            match = None if _is_full(checks) else self._twins.match(replies)
            checks = self._on_smallest_inputs(checks, loaded, match, conversation)
            source = rebuild_source(conversation.source(), self.assignment)
        grade = self._assemble(submission, loaded, checks, (*_notes_of_checks(checks), *_notes_of_loading(loaded)))
        if _is_full(checks):
            return replace(grade, notes=(*grade.notes, *notes_of(sightings_in(source), checks)))
        sightings = all_sightings(source, partial(self._mended_source, submission))
        evidence = Evidence(replies, checks, loaded, self.assignment, self.bank)
        diagnoses = Diagnoser(source, evidence, match).diagnose(sightings)
        findings, follow_through = prove(diagnoses, checks, source, partial(self._regrade, submission))
        notes = (*grade.notes, *notes_of(sightings, checks))
        return replace(grade, findings=findings, follow_through_score=follow_through, notes=notes)

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

    def _mended_source(self, submission: Submission, edits: tuple[Edit, ...]) -> Source:
        """Read the hand-in again with some lines replaced."""
        with Conversation(submission, self.assignment, self._zygotes, edits) as conversation:
            return rebuild_source(conversation.source(), self.assignment)

    def _regrade(self, submission: Submission, edits: tuple[Edit, ...]) -> tuple[CheckResult, ...]:
        """Run every check on the hand-in with some lines replaced."""
        with Conversation(submission, self.assignment, self._zygotes, edits) as conversation:
            loaded = conversation.load()
            return self._judge(loaded, conversation.ask(self._calls(loaded)))

    def _calls(self, loaded: Loaded) -> list[Call]:
        """Every call that the checks need, each once; none of what is unfinished or not there."""
        calls: dict[str, Call] = {call.key: call for call in script_calls()} if loaded.script else {}
        if loaded.form is not Form.SCRIPT:
            if any(CHECKS[plan.id].weights for plan in self.assignment.checks) and loaded.form is not None:
                calls["weights"] = Call("weights", "weights", OWN_WEIGHT_SIZES)
            for asked in self._plan.values():
                for _, call in asked:
                    found = loaded.entries.get(call.entry)
                    if found and not found.unfinished:
                        calls.setdefault(call.key, call)
        return list(calls.values())

    def _judge(self, loaded: Loaded, replies: dict[str, Reply]) -> tuple[CheckResult, ...]:
        verdicts: dict[str, Verdict] = {}
        results = []
        for plan in self.assignment.checks:
            verdict = self._verdict(plan, loaded, replies, verdicts)
            verdicts[plan.id] = verdict
            results.append(
                CheckResult(
                    id=plan.id,
                    claim=CHECKS[plan.id].claim,
                    outcome=verdict.outcome,
                    points=plan.points,
                    earned=plan.points if verdict.outcome is Outcome.PASSED else 0.0,
                    message=verdict.message,
                    counterexample=verdict.counterexample,
                    note=verdict.note,
                )
            )
        return tuple(results)

    def _verdict(
        self, plan: CheckPlan, loaded: Loaded, replies: dict[str, Reply], verdicts: dict[str, Verdict]
    ) -> Verdict:
        check = CHECKS[plan.id]
        asked = {case.entry for case, _ in self._plan[plan.id]}
        by_script = loaded.script and not asked & loaded.entries.keys()
        if loaded.form is None:
            return Verdict(Outcome.NOT_RUN, say("nothing to run was found"))
        if by_script and check.script is None:
            return Verdict(Outcome.NOT_APPLICABLE, say("a script can't answer this"))
        if not by_script and (excused := self._excused(asked, loaded)):
            return excused
        for before in plan.after:
            if verdicts[before].outcome not in (Outcome.PASSED, Outcome.NOT_APPLICABLE):
                return Verdict(Outcome.NOT_RUN, say("not run, for {check} did not pass", check=before))
        if by_script and check.script is not None:
            runs = tuple(replies[call.key] for call in script_calls())
            return check.script(ScriptAnswers(runs, self.assignment, loaded.problems))
        pairs = tuple((case, replies.get(call.key) or _absent(case, loaded)) for case, call in self._plan[plan.id])
        return check.judge(Answers(pairs, loaded, self.assignment, replies.get("weights")))

    def _excused(self, asked: set[str], loaded: Loaded) -> Verdict | None:
        """A check whose entries were left as templates is not run; one that the form need not answer does not apply."""
        if _all_unfinished(loaded):
            return Verdict(Outcome.NOT_RUN, say("not attempted: every entry is still the template"))
        unfinished = [name for name in sorted(asked) if name in loaded.entries and loaded.entries[name].unfinished]
        there = [name for name in asked if name in loaded.entries and name not in unfinished]
        if unfinished and not there:
            found = loaded.entries[unfinished[0]]
            message = say("not attempted: {name} is the template, `{what}`", name=found.name, what=found.unfinished)
            if found.place:
                message = say("{what} ({place})", what=message, place=found.place)
            return Verdict(Outcome.NOT_RUN, message)
        optional = {entry.name for entry in self.assignment.entries if loaded.form in entry.optional_in}
        if asked and not there and asked <= optional:
            form, entry = str(loaded.form), sorted(asked)[0]
            message = say("a {form} need not have a {entry} of its own", form=form, entry=entry)
            return Verdict(Outcome.NOT_APPLICABLE, message)
        return None

    def _assemble(
        self,
        submission: Submission,
        loaded: Loaded | None,
        checks: tuple[CheckResult, ...],
        notes: tuple[Text, ...] = (),
    ) -> Grade:
        score = sum(check.earned for check in checks)
        return Grade(
            id=submission.id,
            path=submission.path,
            sha256=hashlib.sha256(submission.content or b"").hexdigest(),
            form=loaded.form if loaded else None,
            graded=True,
            reason=_reason(loaded, self.assignment) if loaded else None,
            score=score,
            follow_through_score=score,
            max_score=sum(_counted(check) for check in checks),
            checks=checks,
            notes=notes,
            printed=loaded.printed if loaded else "",
        )

    def _unreadable(self, submission: Submission, why: str) -> Grade:
        checks = tuple(
            CheckResult(
                plan.id, CHECKS[plan.id].claim, Outcome.NOT_RUN, plan.points, 0.0, say("not run: {why}", why=why)
            )
            for plan in self.assignment.checks
        )
        return replace(self._assemble(submission, None, checks), reason=say("not readable: {why}", why=why))

    def _not_graded(self, submission: Submission, why: str) -> Grade:
        checks = tuple(
            CheckResult(
                plan.id, CHECKS[plan.id].claim, Outcome.GRADER_FAULT, plan.points, 0.0, say("the grader failed")
            )
            for plan in self.assignment.checks
        )
        grade = self._assemble(submission, None, checks)
        reason = say("the grader failed, not this code; nothing was graded: {why}", why=why)
        return replace(grade, graded=False, reason=reason)


def grade_all(
    submissions: Iterable[Submission],
    assignment: Assignment,
    bank: Bank,
    *,
    jobs: int,
    layers: tuple[str, ...] | None = None,
    on_grade: Callable[[Grade], None] | None = None,
) -> list[Grade]:
    """Grade every submission on several threads, each with a zygote of its own; grades in the order of submissions.

    Parameters
    ----------
    jobs : how many hand-ins are run at a time
    layers : of confinement; by default what the kernel offers
    on_grade : called with each grade as it is made, in order
    """
    graders: queue.SimpleQueue[Grader] = queue.SimpleQueue()
    submissions = list(submissions)
    twins = Twins(bank, assignment)
    for _ in range(max(1, min(jobs, len(submissions)))):
        graders.put(Grader(assignment, bank, layers, twins))

    def grade(submission: Submission) -> Grade:
        grader = graders.get()
        try:
            return grader.grade(submission)
        finally:
            graders.put(grader)

    grades = []
    try:
        with ThreadPoolExecutor(graders.qsize()) as pool:
            for made in pool.map(grade, submissions):
                grades.append(made)
                if on_grade:
                    on_grade(made)
    finally:
        for _ in range(graders.qsize()):
            graders.get().close()
    return grades


def _asked_cases(check: Check, bank: Bank) -> list[tuple[Case, Call]]:
    return [pair for ask in check.asks for pair in ask.calls(bank)]


def _absent(case: Case, loaded: Loaded) -> Reply:
    return Reply(ReplyKind.ABSENT, message=loaded.missing.get(case.entry, f"no {case.entry} was found"))


def _all_unfinished(loaded: Loaded) -> bool:
    return bool(loaded.entries) and all(entry.unfinished for entry in loaded.entries.values())


def _is_full(checks: tuple[CheckResult, ...]) -> bool:
    return all(check.outcome in (Outcome.PASSED, Outcome.NOT_APPLICABLE) or not check.points for check in checks)


def _counted(check: CheckResult) -> float:
    return 0.0 if check.outcome is Outcome.NOT_APPLICABLE else check.points


def _reason(loaded: Loaded, assignment: Assignment) -> Text | None:
    if loaded.form is None:
        wanted = " or ".join(entry.functions[0] for entry in assignment.entries[:2])
        missing = list(dict.fromkeys(loaded.missing.values()))
        told: Text = together("; ", list(missing)) if missing else say("no {names}", names=wanted)
        return say("nothing to run was found: {why}", why=told)
    if _all_unfinished(loaded):
        return say("not attempted: every entry is still the template")
    return None


def _notes_of_checks(checks: tuple[CheckResult, ...]) -> Iterator[Text]:
    yield from dict.fromkeys(check.note for check in checks if check.note)


def _notes_of_loading(loaded: Loaded) -> Iterator[Text]:
    for problem in loaded.problems[:20]:
        yield say("{place} was set aside: {what}", place=problem.place, what=f"{problem.type}: {problem.message}")
