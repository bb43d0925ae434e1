"""``--watch``: a student saves, the checks run again, and the screen shows what changed."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.text import Text
from watchfiles import Change, watch

from harness import run as runs
from harness.disclosure import disclosed
from harness.errors import InputError
from harness.intake import HandedIn
from harness.intake.tree import SUFFIXES
from harness.language import language
from harness.model import Grade, Outcome
from harness.reports.explanation import explain, headline, points
from harness.run import Setting
from harness.words import say

#: Of what is better and what is worse than before.
_STYLES = {"+": "bold green", "-": "bold red"}


class Watch:
    """Grades what there is, again and again.

    Parameters
    ----------
    find : finds the hand-ins, as they are now
    """

    def __init__(self, setting: Setting, find: Callable[[], list[HandedIn]], jobs: int | None) -> None:
        self._setting, self._find, self._jobs = setting, find, jobs
        self._tr = language(setting.run.language)
        self._before: dict[str, Grade] = {}
        self._console = Console(highlight=False, soft_wrap=True)

    def until_interrupted(self, paths: Iterable[Path]) -> None:
        """Grade now, and whenever something is saved, until Ctrl+C."""
        self.look_again()
        self._say(self._tr(say("watching; save to see what changes, Ctrl+C to end")), "dim")
        for _ in watch(*paths, watch_filter=_may_be_a_hand_in, raise_interrupt=False):
            self.look_again()

    def look_again(self) -> None:
        """Grade what is there, and show what came out otherwise than before."""
        try:
            hand_ins = self._find()
        except InputError as error:  # the file is being written, or was moved away
            self._say(str(error), "red")
            return
        with closing(runs.grade([one.read for one in hand_ins], self._setting, jobs=self._jobs)) as grades:
            now = {grade.id: disclosed(grade, self._setting.run.assignment) for grade in grades}
        changed = [grade for grade in now.values() if self._before.get(grade.id) != grade]
        if not changed:
            self._say(self._tr(say("saved; nothing comes out otherwise")), "dim")
        for grade in changed:
            before = self._before.get(grade.id)
            for line in self._difference(before, grade) if before else ():
                self._say(line, _STYLES.get(line[:1], "bold"))
            if len(now) == 1:
                self._say("\n".join(explain(grade, self._tr)))
            elif not before:
                self._say(headline(grade, self._tr))
        self._before = now

    def _difference(self, before: Grade, now: Grade) -> Iterator[str]:
        """What is better and what is worse than before."""
        yield self._tr(
            say("{id}: from {before} to {now} points", id=now.id, before=points(before.score), now=points(now.score))
        )
        old = {check.id: check.outcome for check in before.checks}
        for check in now.checks:
            if check.outcome is Outcome.PASSED and old.get(check.id) is not Outcome.PASSED:
                yield f"+ {check.id}: {self._tr(check.claim)}"
            elif check.outcome is not Outcome.PASSED and old.get(check.id) is Outcome.PASSED:
                yield f"- {check.id}: {self._tr(check.message)}"

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style))


def _may_be_a_hand_in(change: Change, path: str) -> bool:
    del change
    return Path(path).suffix.lower() in (*SUFFIXES, ".zip") and ".ipynb_checkpoints" not in Path(path).parts
