"""The RNN grading harness: runs hand-ins away from itself, checks them, and says why.

Kept empty of imports on purpose: the worker imports this package inside the process that runs student code, and
must not bring anything along that knows what is expected.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.interactive import Checked


def check(*answers: Any, assignment: str = "notes", lang: str = "en") -> "Checked":
    """Check functions or classes where they are, in a notebook or a program: ``check(rnn_cell, rnn_layer)``.

    They run in this very process, so this is for their author, and marks nothing.

    Parameters
    ----------
    answers : functions or classes under the names that the assignment knows
    assignment : a built-in one, or a ``.toml`` file
    lang : ``en`` or ``ko``

    Returns
    -------
    What a notebook shows as a table with a picture, and a terminal as text.

    Raises
    ------
    harness.errors.InputError
        When none of them answers for anything that the assignment asks for.
    """
    from harness.interactive import check_here

    return check_here(answers, assignment, lang)
