"""Correct hand-ins, however oddly they are written, get full marks and no finding."""

import pytest

from harness.grading import Grader
from harness.model import Submission
from tests.bug_styles import STYLES
from tests.conftest import GradeSource, is_full

LIST, FILLED, CLASS, BROKEN, SCRIPT = (STYLES[name] for name in ("list", "filled", "class", "broken lines", "script"))


def changed(text: str, *replacements: tuple[str, str]) -> str:
    for old, new in replacements:
        assert text.count(old) >= 1, old
        text = text.replace(old, new)
    return text


ODD = {
    "unused variables": changed(LIST, ("    total_hidden_states = []", "    hiden = 1\n    hidden_stat = 2\n    total_hidden_states = []")),
    "an unused name like the state in the loop": changed(
        LIST, ("        hidden_state_t = output_t", "        hidden_state_t = output_t\n        last_output_t = output_t")
    ),
    "a debugging copy of the state": changed(
        LIST, ("        hidden_state_t = output_t", "        hidden_state_t = output_t\n        hidden_state_t2 = output_t")
    ),
    "similar names, both used": changed(
        LIST, ("        total_hidden_states.append(output_t)", "        output_s = output_t\n        total_hidden_states.append(output_s)")
    ),
    "shadowed names": changed(FILLED, ("    T = x.shape[-2]", "    T = 0\n    T = x.shape[-2]")),
    "a builtin as a name": changed(FILLED, ("prev_h", "sum")),
    "commented-out code": changed(
        LIST, ("    total_hidden_states = []", "    # hiden_state_t = output_t\n    # for t in timesteps:\n    total_hidden_states = []")
    ),
    "commented-out bug beside the fix": changed(
        BROKEN, ("    return np.tanh(total)", "    # return np.tanh(np.tanh(total))\n    return np.tanh(total)")
    ),
    "a wrong attempt in a string": '"""\nhiden_state_t = output_t\nfor t in timesteps: pass\n"""\n' + LIST,
    "an older wrong definition above": changed(LIST, ("def rnn_layer", "def rnn_cell_old")).split("def rnn_cell_old")[0].replace(
        "rnn_cell", "old_cell"
    ).replace(" + b", " + b + b") + LIST,
    "a cell defined twice, the last is right": "def rnn_cell(x, h, Wx, Wh, b):\n    return x\n" + LIST,
    "a relu that nothing uses": "import numpy as np\ndef relu(x):\n    return np.maximum(0, x)\n" + LIST,
    "an lstm beside it": LIST + "\nclass LSTM:\n    def forward(self, x):\n        return 1 / (1 + np.exp(-x))\n",
    "a broken demo": LIST + "\nfor t in timesteps:\n    print(t)\n",
    "a demo of fixed sizes": LIST + "\nx = np.zeros((10, 4))\nh = np.zeros(8)\nprint(rnn_layer(x, np.ones((8, 4)), np.ones((8, 8)), h))\n",
    "a demo with a scalar state": LIST + "\nhidden_state_t = 0\nprint(hidden_state_t)\n",
    "a global that is not read": "hidden_size = 8\ntimesteps = 10\n" + LIST,
    "constants of the right value": changed(CLASS, ("        t = 0\n", "        t = 0\n        one = 1\n")),
    "nested functions": (
        "import numpy as np\ndef rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):\n"
        "    def cell(h, x):\n        return np.tanh(x @ Wx.T + h @ Wh.T + b)\n"
        "    h = np.zeros(b.shape) if hidden_state_0 is None else hidden_state_0\n    rows = []\n"
        "    for x in np.moveaxis(inputs, -2, 0):\n        rows.append(h := cell(h, x))\n    return np.stack(rows, -2)\n"
        "def rnn_cell(x, h, Wx, Wh, b):\n    return np.tanh(x @ Wx.T + h @ Wh.T + b)\n"
    ),
    "recursion": (
        "import numpy as np\ndef rnn_cell(x, h, Wx, Wh, b):\n    return np.tanh(x @ Wx.T + h @ Wh.T + b)\n"
        "def rnn_layer(inputs, Wx, Wh, b, h0=None):\n    h0 = np.zeros(inputs.shape[:-2] + b.shape) if h0 is None else h0\n"
        "    h = rnn_cell(inputs[..., 0, :], h0, Wx, Wh, b)\n    if inputs.shape[-2] == 1:\n        return h[..., None, :]\n"
        "    return np.concatenate([h[..., None, :], rnn_layer(inputs[..., 1:, :], Wx, Wh, b, h)], axis=-2)\n"
    ),
    "accumulate": (
        "import itertools\nimport numpy as np\n"
        "rnn_cell = lambda x, h, Wx, Wh, b: np.tanh(x @ Wx.T + h @ Wh.T + b)\n"
        "def rnn_layer(inputs, Wx, Wh, b, h=None):\n    h = np.zeros(inputs.shape[:-2] + b.shape) if h is None else h\n"
        "    steps = itertools.accumulate(np.moveaxis(inputs, -2, 0), lambda s, x: rnn_cell(x, s, Wx, Wh, b), initial=h)\n"
        "    return np.stack(list(steps)[1:], axis=-2)\n"
    ),
    "reversed twice": changed(LIST, ("np.stack(total_hidden_states, axis=-2)", "np.stack(total_hidden_states[::-1][::-1], axis=-2)")),
    "stacked by concatenating": changed(
        LIST, ("np.stack(total_hidden_states, axis=-2)", "np.concatenate([h[..., None, :] for h in total_hidden_states], axis=-2)")
    ),
    "transposed and back": changed(FILLED, ("    return h\n", "    return np.swapaxes(np.swapaxes(h, -1, -2), -1, -2)\n")),
    "a tiled bias": changed(BROKEN, ("        + bias\n", "        + np.tile(bias, (1,) * vec.ndim)\n")),
    "np.tanh with out": changed(FILLED, ("    next_h = np.tanh(a)", "    next_h = np.empty_like(a)\n    np.tanh(a, out=next_h)")),
    "the sum built up in place": changed(FILLED, ("    a = x @ Wx.T + prev_h @ Wh.T + b", "    a = x @ Wx.T\n    a += prev_h @ Wh.T\n    a += b")),
    "a bias split in two": changed(FILLED, ("prev_h @ Wh.T + b", "prev_h @ Wh.T + b / 2 + b / 2")),
    "rounded for printing only": changed(LIST, ("    return np.stack(total_hidden_states, axis=-2)", "    print(np.round(hidden_state_t, 4))\n    return np.stack(total_hidden_states, axis=-2)")),
    "initial state kept in a longer list": changed(
        LIST,
        ("    total_hidden_states = []", "    total_hidden_states = [hidden_state_t]"),
        ("np.stack(total_hidden_states, axis=-2)", "np.stack(total_hidden_states[1:], axis=-2)"),
    ),
    "state names that look misspelt": changed(LIST, ("hidden_state_t", "hiden_state_t")),
    "a script with a second, similar name": changed(SCRIPT, ("    hidden_state_t = output_t", "    hidden_state_t = output_t\n    hidden_state_tt = output_t")),
    "a script with square sizes": changed(SCRIPT, ("input_size = 4", "input_size = 8")),
    "type hints and a docstring with a bug in it": changed(
        FILLED, ('    """Forward pass over all timesteps."""', '    """Forward pass; never write hiden_state_t = output_t or Wh = zeros((hidden_size, input_size))."""')
    ),
}  # fmt: skip


def test_there_are_at_least_thirty() -> None:
    assert len(ODD) >= 30


@pytest.mark.parametrize("name", ODD)
def test_a_correct_hand_in_gets_no_finding(name: str, grade_source: GradeSource) -> None:
    grade = grade_source(ODD[name])
    assert is_full(grade), [(check.id, str(check.message)) for check in grade.checks if not check.earned]
    assert grade.findings == ()


def test_pseudocode_in_a_fence_that_real_code_follows_is_a_note(grader: Grader) -> None:
    text = f"```python\nhidden_state_t = 0\nfor x in input_length:\n    output_t = tanh(x, hidden_state_t)\n```\n\n```python\n{LIST}```\n"
    grade = grader.grade(Submission("notes", "notes.md", text.encode()))
    assert is_full(grade)
    assert grade.findings == ()
    assert [str(note) for note in grade.notes if "costs nothing" in str(note)]
