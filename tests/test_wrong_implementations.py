"""Thirty-odd wrong cells and layers, none of which gets full marks, and each loses the check that is about it."""

import pytest

from harness.bugs import CATALOGUE
from tests.conftest import GradeSource, check_of, is_full, lost

CELL = "    return np.tanh(input_t @ Wx.T + hidden_state_t @ Wh.T + b)"
BODY = """\
    batch = inputs.shape[:-2]
    hidden_state_t = np.zeros(batch + b.shape) if hidden_state_0 is None else hidden_state_0
    total = []
    for t in range(inputs.shape[-2]):
        hidden_state_t = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)
        total.append(hidden_state_t)
    return np.stack(total, axis=-2)"""
NEXT = "        hidden_state_t = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)"


def hand_in(cell: str = CELL, body: str = BODY, before: str = "") -> str:
    return (
        f"import numpy as np\n{before}\n\n"
        f"def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):\n{cell}\n\n"
        f"def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):\n{body}\n"
    )


def cell(expression: str) -> str:
    return hand_in(cell=f"    return {expression}")


def layer(*changes: tuple[str, str], before: str = "") -> str:
    body = BODY
    for old, new in changes:
        assert old in body, old
        body = body.replace(old, new)
    return hand_in(body=body, before=before)


A = "input_t @ Wx.T + hidden_state_t @ Wh.T"

#: name → (source, a check that it must lose)
WRONG = {
    "no-recurrent-term": (cell("np.tanh(input_t @ Wx.T + b)"), "numerics.recurrent-term"),
    "no-input-term": (cell("np.tanh(hidden_state_t @ Wh.T + b)"), "numerics.input-term"),
    "missing-bias": (cell(f"np.tanh({A})"), "numerics.bias-term"),
    "double-bias": (cell(f"np.tanh({A} + 2 * b)"), "numerics.bias-term"),
    "bias-outside": (cell(f"np.tanh({A}) + b"), "numerics.bias-term"),
    "missing-activation": (cell(f"{A} + b"), "numerics.input-term"),
    "sigmoid": (cell(f"1 / (1 + np.exp(-({A} + b)))"), "numerics.input-term"),
    "relu": (cell(f"np.maximum({A} + b, 0)"), "numerics.input-term"),
    "double-tanh": (cell(f"np.tanh(np.tanh({A} + b))"), "numerics.input-term"),
    "tanh-per-term": (cell("np.tanh(input_t @ Wx.T) + np.tanh(hidden_state_t @ Wh.T) + b"), "numerics.cell"),
    "product-of-terms": (cell("np.tanh((input_t @ Wx.T) * (hidden_state_t @ Wh.T) + b)"), "numerics.input-term"),
    "diagonal-of-wh": (
        cell("np.tanh(input_t @ Wx.T + hidden_state_t * np.diag(Wh) + b)"),
        "numerics.recurrent-term",
    ),
    "transposed-wh": (cell("np.tanh(input_t @ Wx.T + hidden_state_t @ Wh + b)"), "numerics.recurrent-term"),
    "transposed-wx-when-square": (
        cell("np.tanh((input_t @ Wx if Wx.shape[0] == Wx.shape[1] else input_t @ Wx.T) + hidden_state_t @ Wh.T + b)"),
        "numerics.input-term",
    ),
    "swapped-weights-when-square": (
        hand_in(cell="    if Wx.shape == Wh.shape:\n        Wx, Wh = Wh, Wx\n" + CELL),
        "numerics.input-term",
    ),
    "overflowing-tanh": (
        hand_in(
            cell=f"    a = {A} + b\n    with np.errstate(all='ignore'):\n"
            "        return (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))"
        ),
        "numerics.saturation",
    ),
    "rounded": (cell(f"np.round(np.tanh({A} + b), 4)"), "numerics.cell"),
    "half-precision": (cell(f"np.tanh({A} + b).astype(np.float16)"), "numerics.cell"),
    "almost-tanh": (cell(f"np.tanh({A} + b) * (1 + 1e-5)"), "numerics.cell"),
    "cell-as-column": (cell(f"np.tanh({A} + b)[:, None]"), "shapes.cell-output"),
    "cell-returns-pair": (cell(f"(np.tanh({A} + b), None)"), "shapes.cell-output"),
    "state-not-carried": (
        layer((NEXT, NEXT.replace("hidden_state_t = ", "output = ")), ("append(hidden_state_t)", "append(output)")),
        "stacking.state-is-carried",
    ),
    "state-lags": (
        layer(
            (NEXT, "        hidden_state_t, old = rnn_cell(inputs[..., t, :], old, Wx, Wh, b), hidden_state_t"),
            ("    total = []", "    total = []\n    old = hidden_state_t"),
        ),
        "stacking.state-is-carried",
    ),
    "initial-state-ignored": (
        layer(("np.zeros(batch + b.shape) if hidden_state_0 is None else hidden_state_0", "np.zeros(batch + b.shape)")),
        "stacking.initial-state",
    ),
    "initial-state-not-zero": (layer(("np.zeros(", "np.ones(")), "stacking.first-row"),
    "state-survives-call": (
        layer(
            ("np.zeros(batch + b.shape) if", "MEMORY.get(batch + b.shape, np.zeros(batch + b.shape)) if"),
            ("    return", "    MEMORY[batch + b.shape] = hidden_state_t\n    return"),
            before="MEMORY = {}",
        ),
        "conduct.same-call-twice",
    ),
    "preactivation-carried": (
        layer(
            (NEXT, "        a = inputs[..., t, :] @ Wx.T + hidden_state_t @ Wh.T + b\n        hidden_state_t = a"),
            ("append(hidden_state_t)", "append(np.tanh(a))"),
        ),
        "stacking.state-is-carried",
    ),
    "states-accumulated": (
        layer(("        hidden_state_t = rnn", "        hidden_state_t = hidden_state_t + rnn")),
        "stacking.state-is-carried",
    ),
    "time-reversed": (
        layer(("range(inputs.shape[-2])", "reversed(range(inputs.shape[-2]))")),
        "stacking.rows-in-order",
    ),
    "rows-reversed": (layer(("np.stack(total, axis=-2)", "np.stack(total[::-1], axis=-2)")), "stacking.rows-in-order"),
    "concatenated-not-stacked": (
        layer(("np.stack(total, axis=-2)", "np.concatenate(total, axis=-1)")),
        "shapes.layer-output",
    ),
    "wrong-stack-axis": (layer(("np.stack(total, axis=-2)", "np.stack(total, axis=-1)")), "shapes.layer-output"),
    "last-state-only": (layer(("np.stack(total, axis=-2)", "hidden_state_t")), "shapes.layer-output"),
    "early-return": (layer(("    return np.stack", "        return np.stack")), "shapes.layer-output"),
    "step-left-out": (layer(("np.stack(total, axis=-2)", "np.stack(total[:-1], axis=-2)")), "shapes.layer-output"),
    "initial-state-included": (layer(("    total = []", "    total = [hidden_state_t]")), "shapes.layer-output"),
    "shifted-states": (
        layer(("    total = []", "    total = [hidden_state_t]"), ("np.stack(total", "np.stack(total[:-1]")),
        "stacking.first-row",
    ),
    "aliased-states": (
        layer(
            ("    total = []", "    total = []\n    buffer = np.zeros(batch + b.shape)"),
            ("append(hidden_state_t)", "append(buffer)"),
            ("        total", "        buffer[...] = hidden_state_t\n        total"),
        ),
        "stacking.rows-in-order",
    ),
    "batch-turned-around": (
        layer(
            (NEXT, NEXT + "\n        if hidden_state_t.ndim == 2:\n            hidden_state_t = hidden_state_t[::-1]")
        ),
        "batches.each-sample",
    ),
    "time-first-when-square": (
        layer(
            (
                "    batch",
                "    if len(set(inputs.shape[:-1])) < inputs.ndim - 1:\n"
                "        inputs = np.swapaxes(inputs, 0, 1)\n    batch",
            )
        ),
        "batches.each-sample",
    ),
    "mutates-arguments": (
        layer(
            (NEXT, "        hidden_state_t[...] = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)"),
            ("append(hidden_state_t)", "append(hidden_state_t.copy())"),
        ),
        "conduct.arguments-unchanged",
    ),
    "hard-coded-sizes": (layer(("np.zeros(batch + b.shape)", "np.zeros(batch + (4,))")), "shapes.layer-output"),
    "reads-globals": (layer(("inputs.shape[-2]", "timesteps"), before="timesteps = 5"), "shapes.layer-output"),
    "integer-truncation": (
        layer(
            ("    total = []", "    total = np.zeros(inputs.shape[:-1] + b.shape, dtype=int)"),
            ("total.append(hidden_state_t)", "total[..., t, :] = hidden_state_t"),
            ("np.stack(total, axis=-2)", "total"),
        ),
        "stacking.first-row",
    ),
    "stops-after-a-hundred": (layer((NEXT, NEXT + " if t < 100 else hidden_state_t")), "stacking.long-sequence"),
    "no-batches": (
        layer(("    batch = inputs.shape[:-2]", "    T, D = inputs.shape\n    batch = ()")),
        "batches.shape",
    ),
}


def test_the_right_one_that_they_all_differ_from_gets_everything(grade_source: GradeSource) -> None:
    assert is_full(grade_source(hand_in()))


@pytest.mark.parametrize("name", WRONG)
def test_no_wrong_one_gets_full_marks(name: str, grade_source: GradeSource) -> None:
    source, about = WRONG[name]
    grade = grade_source(source)
    assert not is_full(grade)
    assert about in lost(grade), {check.id: check.message for check in grade.checks if not check.earned}


#: What the catalogue calls those that it knows by another name; the others that it knows bear the same.
CALLED = {
    "sigmoid": "wrong-activation",
    "relu": "wrong-activation",
    "half-precision": "low-precision",
    "cell-returns-pair": "other-convention",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_known_one_is_named_and_no_other_is_taken_for_it(name: str, grade_source: GradeSource) -> None:
    grade = grade_source(WRONG[name][0])
    known = CALLED.get(name, name)
    assert [finding.rule for finding in grade.findings] == ([known] if known in CATALOGUE else [])
    for finding in grade.findings:
        assert {"twin", "fix"} & set(finding.evidence)
        # It explains every number, so every check that was lost is its cost.
        assert set(finding.costs) >= lost(grade) or known == "state-survives-call" or name == "cell-returns-pair"


def test_a_failure_says_where_what_and_by_how_much(grade_source: GradeSource) -> None:
    check = check_of(grade_source(WRONG["state-not-carried"][0]), "stacking.state-is-carried")
    # By hand: inputs [[1], [0]], Wx = Wh = 1, b = 0, so row 1 should be tanh(tanh(1)) = 0.6420.
    message = str(check.message)
    assert message.startswith("total_hidden_states[1, 0] = 0, but should be 0.642 (off by 0.64, allowed ")
    assert message.endswith("right: row 0; wrong: row 1")
    assert check.counterexample is not None
    assert check.counterexample["call"] == (
        "rnn_layer(inputs=np.array([[1.], [0.]]), Wx=np.array([[1.]]), Wh=np.array([[1.]]), b=np.array([0.]))"
    )
