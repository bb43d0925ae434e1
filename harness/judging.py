"""From replies to outcomes: which calls the checks of an assignment need, and what each check says of the answers."""

from dataclasses import replace

from harness.bank import Bank
from harness.checks import CHECKS, Answers, Check, ScriptAnswers, Verdict
from harness.checks.framework import script_calls
from harness.errors import InputError
from harness.model import Assignment, Call, Case, CheckPlan, CheckResult, Form, Loaded, Outcome, Reply, ReplyKind
from harness.words import say

#: Sizes for which an object is built to see what weights it makes itself: input_size, hidden_size.
OWN_WEIGHT_SIZES = (3, 4)


class Judging:
    """The checks of an assignment on a bank; knows no process and no hand-in but by its replies.

    Attributes
    ----------
    usual : the calls that are asked of a hand-in which has every entry

    Raises
    ------
    InputError
        When a check has no case to ask.
    """

    def __init__(self, assignment: Assignment, bank: Bank) -> None:
        self.assignment = assignment
        self._plan = {plan.id: _asked_cases(CHECKS[plan.id], bank) for plan in assignment.checks}
        for id, asked in self._plan.items():
            if CHECKS[id].asks and not asked:  # it would pass whatever is handed in
                raise InputError(
                    f"assignment {assignment.name}: checks.{id}: it asks nothing that the entries can answer"
                )
        self._entries = {id: frozenset(case.entry for case, _ in asked) for id, asked in self._plan.items()}
        calls: dict[str, Call] = {}
        for asked in self._plan.values():
            for _, call in asked:
                calls.setdefault(call.key, call)
        self.usual = tuple(calls.values())

    def calls(self, loaded: Loaded) -> list[Call]:
        """Every call that the checks need, each once; none of what is unfinished or not there."""
        calls = list(script_calls()) if loaded.script else []
        if loaded.form is Form.SCRIPT:
            return calls
        if any(CHECKS[plan.id].weights for plan in self.assignment.checks) and loaded.form is not None:
            calls.append(Call("weights", "weights", OWN_WEIGHT_SIZES))
        attempted = {name for name, found in loaded.entries.items() if not found.unfinished}
        return calls + [call for call in self.usual if call.entry in attempted]

    def judge(self, loaded: Loaded, replies: dict[str, Reply]) -> tuple[CheckResult, ...]:
        """Say what each check says, in order; one whose prerequisite did not pass is not run."""
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
                    states=verdict.states,
                )
            )
        return tuple(results)

    def _verdict(
        self, plan: CheckPlan, loaded: Loaded, replies: dict[str, Reply], verdicts: dict[str, Verdict]
    ) -> Verdict:
        check = CHECKS[plan.id]
        asked = self._entries[plan.id]
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
        pairs = tuple(
            (case, reply.about(case.part) if (reply := replies.get(call.key)) else _absent(case, loaded))
            for case, call in self._plan[plan.id]
        )
        answers = Answers(pairs, loaded, self.assignment, replies.get("weights"))
        verdict = check.judge(answers)
        # Drawn here, of what is told in the end, and not of each input that is tried on the way to the smallest.
        return replace(verdict, states=answers.picture()) if verdict.counterexample else verdict

    def _excused(self, asked: frozenset[str], loaded: Loaded) -> Verdict | None:
        """A check whose entries were left as templates is not run; one that the form need not answer does not apply."""
        if all_unfinished(loaded):
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


def _asked_cases(check: Check, bank: Bank) -> list[tuple[Case, Call]]:
    return [pair for ask in check.asks for pair in ask.calls(bank)]


def _absent(case: Case, loaded: Loaded) -> Reply:
    return Reply(ReplyKind.ABSENT, message=loaded.missing.get(case.entry, f"no {case.entry} was found"))


def all_unfinished(loaded: Loaded) -> bool:
    """Tell whether a hand-in is nothing but its template."""
    return bool(loaded.entries) and all(entry.unfinished for entry in loaded.entries.values())
