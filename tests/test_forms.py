"""Hand-ins in every form are found by themselves, whatever surrounds them."""

import pytest

from tests.conftest import GradeSource, check_of, is_full, lost

STEP = "np.tanh(x @ {Wx}.T + h @ {Wh}.T + {b})"
CLASS = """\
import numpy as np
class {name}:
    def __init__(self, {arguments}):
        {init}
    def {method}(self, x, h{default}):
        return {step}
"""
LAYER = """\
class {name}(object):
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
    def {method}(self, xs, h=None):
        Wx, Wh, b = self.params
        if h is None:
            h = np.zeros(xs.shape[:-2] + b.shape)
        hs = []
        for t in range(xs.shape[-2]):
            h = np.tanh(xs[..., t, :] @ Wx.T + h @ Wh.T + b)
            hs.append(h)
        return np.stack(hs, -2)
"""
SIZES = "self.W_ih = np.ones((hidden_size, input_size)); self.W_hh = np.ones((hidden_size, hidden_size)); "


def cell_class(name: str = "RNNCell", method: str = "forward", second_bias: bool = False) -> str:
    biases = "self.b_ih = np.zeros(hidden_size)" + ("; self.b_hh = np.ones(hidden_size)" if second_bias else "")
    b = "self.b_ih + self.b_hh" if second_bias else "self.b_ih"
    step = STEP.format(Wx="self.W_ih", Wh="self.W_hh", b=b)
    return CLASS.format(
        name=name, arguments="input_size, hidden_size", init=SIZES + biases, method=method, default="", step=step
    )


@pytest.mark.parametrize(
    "cell",
    [cell_class(), cell_class("Cell", "__call__"), cell_class("Step", "step"), cell_class(second_bias=True)],
    ids=["forward", "call", "step", "two-biases"],
)
@pytest.mark.parametrize("method", ["forward", "__call__", "run"])
def test_a_cell_class_and_a_layer_class(cell: str, method: str, grade_source: GradeSource) -> None:
    # `self.params = [Wx, Wh, b]`: the weights go in by the constructor.
    layer = LAYER.format(name="RNN", method=method).replace(
        "self.params = [", "self.Wx, self.Wh, self.b = self.params = ["
    )
    grade = grade_source(cell + layer)
    assert str(grade.form) == "class"
    assert is_full(grade), [(check.id, check.message) for check in grade.checks if not check.earned]
    assert check_of(grade, "numerics.cell").earned


def test_a_class_that_must_be_given_something_unknown_is_told(grade_source: GradeSource) -> None:
    grade = grade_source(LAYER.format(name="RNN", method="forward").replace("Wh, b):", "Wh, b, vocabulary):"))
    assert "RNN() must be given 'vocabulary', which the assignment does not name" in str(
        check_of(grade, "shapes.layer-output").message
    )


def test_a_class_without_the_weights_is_told(grade_source: GradeSource) -> None:
    grade = grade_source("import numpy as np\n" + LAYER.format(name="RNN", method="forward"))
    assert "RNN has no attribute for Wh, Wx, b (looked for Wh, W_hh" in str(
        check_of(grade, "shapes.layer-output").message
    )


FUNCTIONS = """\
import numpy as np
def {cell}(x, h, Wx, Wh, b):
    return np.tanh(Wx @ x + Wh @ h + b)
def {layer}(xs, Wx, Wh, b, h=None):
    if xs.ndim == 3:
        return np.stack([{layer}(x, Wx, Wh, b, None if h is None else h[i]) for i, x in enumerate(xs)])
    h = np.zeros(len(b)) if h is None else h
    hs = []
    for x in xs:
        h = {cell}(x, h, Wx, Wh, b)
        hs.append(h)
    return np.array(hs)
"""


@pytest.mark.parametrize(
    ("cell", "layer"), [("rnn_cell", "rnn_layer"), ("RNNCell", "RNN"), ("step", "forward"), ("zelle", "schicht")]
)
def test_functions_by_name_and_where_no_name_fits_by_their_looks(
    cell: str, layer: str, grade_source: GradeSource
) -> None:
    text = FUNCTIONS.format(cell=cell, layer=layer)
    if layer == "schicht":  # nothing but the tanh in it tells that it is the loop
        text = text.replace("h = zelle(x, h, Wx, Wh, b)", "h = np.tanh(Wx @ x + Wh @ h + b)")
    grade = grade_source(text)
    assert is_full(grade), [(check.id, check.message) for check in grade.checks if not check.earned]


def test_two_that_look_alike_are_not_guessed_between(grade_source: GradeSource) -> None:
    text = "import numpy as np\n"
    for name in ("eins", "zwei"):
        text += f"def {name}(x, h, Wx, Wh, b):\n    return np.tanh(Wx @ x + Wh @ h + b)\n"
    grade = grade_source(text)
    assert grade.score == 0
    assert (
        str(grade.reason) == "nothing to run was found: no rnn_cell or cell was found; no rnn_layer or layer was found"
    )


SURROUNDINGS = {
    "missing-plots": "import matplotlib.pyplot as plt\nplt.plot([1])\n",
    "missing-helpers": "from rnn_utils import *\nfrom common.layers import softmax\nimport mytorch.nn as nn\n",
    "missing-base": "import tensorflow as tf\nclass Model(tf.keras.Model):\n    x: tf.Tensor = None\n",
    "failing-demo": "print(undefined)\n1 / 0\nraise SystemExit\n",
    "exit": "exit()\nquit()\nimport sys\nsys.exit(3)\n",
    "input": "n = int(input('How many? '))\n",
    "endless": "while True:\n    pass\n",
    "stubborn": "while True:\n    try:\n        pass\n    except:\n        pass\n",
    "broken": "def lstm(x:\n    return x\nclass GRU\n    pass\nprint 'hello'\n",
    "opens-files": "open('data.txt').read()\nimport numpy as np\nnp.load('weights.npy')\n",
    "prints-much": "for i in range(20000):\n    print('x' * 100)\n",
    "same-names-later": "rnn = 'a string'\nclass rnn_state: pass\n",
    "warnings": "import warnings\nwarnings.simplefilter('error')\nimport numpy as np\nnp.seterr(all='raise')\n",
    "python-2": "print 'training', 3\nfor i in xrange(3):\n    print i\n",
}


@pytest.mark.parametrize("name", SURROUNDINGS)
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_what_surrounds_a_right_one_costs_nothing(name: str, above: bool, grade_source: GradeSource) -> None:
    right = FUNCTIONS.format(cell="rnn_cell", layer="rnn_layer")
    text = SURROUNDINGS[name] + right if above else right + SURROUNDINGS[name]
    grade = grade_source(text)
    assert is_full(grade), [(check.id, check.message) for check in grade.checks if not check.earned]
    assert grade.findings == ()


SCRIPT = """\
import numpy as np
timesteps, input_size, hidden_size = 10, 4, 8
inputs = np.random.rand(timesteps, input_size)
hidden_state_t = np.zeros(hidden_size)
Wx = np.random.rand(hidden_size, input_size)
Wh = np.random.rand(hidden_size, hidden_size)
b = np.random.rand(hidden_size)
total_hidden_states = []
for t in range(timesteps):
    hidden_state_t = np.tanh(Wx @ inputs[t] + Wh @ hidden_state_t + b)
    total_hidden_states.append(hidden_state_t)
total_hidden_states = np.stack(total_hidden_states)
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("np.random.rand(", "np.random.randn("),
        ("b = np.random.rand(hidden_size)", "b = np.zeros(hidden_size)"),
        ("timesteps, input_size, hidden_size = 10, 4, 8", "timesteps = 7\ninput_size = 3\nhidden_size = 3"),
        ("np.random.rand(timesteps, input_size)", "np.random.default_rng().random((timesteps, input_size))"),
        ("for t in range(timesteps)", "for t in range(len(inputs))"),
        ("total_hidden_states = np.stack(total_hidden_states)\n", ""),
        ("timesteps, input_size, hidden_size = 10, 4, 8", "T, D, H = 10, 4, 8\ntimesteps, input_size, hidden_size = T, D, H"),  # noqa: E501
    ],
)  # fmt: skip
def test_scripts_as_people_write_them(old: str, new: str, grade_source: GradeSource) -> None:
    grade = grade_source(SCRIPT.replace(old, new) if old else SCRIPT)
    assert str(grade.form) == "script"
    assert is_full(grade), [(check.id, check.message) for check in grade.checks if not check.earned]


@pytest.mark.parametrize(
    ("old", "new", "about"),
    [
        ("Wh @ hidden_state_t + b", "Wh @ hidden_state_t", "numerics.cell"),
        ("Wx @ inputs[t] + Wh @ hidden_state_t + b", "Wx @ inputs[t] + b", "numerics.cell"),
        ("hidden_state_t = np.tanh", "output_t = np.tanh", "stacking.state-is-carried"),
        ("np.stack(total", "np.concatenate(total", "shapes.layer-output"),
        ("np.stack(total_hidden_states)", "np.stack(total_hidden_states[::-1])", "numerics.cell"),
        ("np.zeros(hidden_size)", "np.ones(hidden_size)", "stacking.initial-state"),
        ("np.zeros(hidden_size)", "np.zeros(8)", "conduct.any-size"),
        ("np.random.rand(hidden_size, hidden_size)", "np.random.rand(hidden_size, input_size)", "shapes.own-weights"),
        ("range(timesteps)", "range(timesteps - 1)", "shapes.layer-output"),
        ("np.random.rand(hidden_size, input_size)", "np.zeros((hidden_size, input_size))", None),
    ],
)
def test_wrong_scripts(old: str, new: str, about: str | None, grade_source: GradeSource) -> None:
    text = SCRIPT.replace(old, new)
    if "output_t" in new:
        text = text.replace("append(hidden_state_t)", "append(output_t)")
    grade = grade_source(text)
    assert (about in lost(grade)) if about else is_full(grade), {c.id: c.message for c in grade.checks}


def test_an_uncarried_state_hidden_by_zero_weights_is_seen(grade_source: GradeSource) -> None:
    """The script's own Wh is zero and would hide it; a telling one is put in."""
    text = SCRIPT.replace("np.random.rand(hidden_size, hidden_size)", "np.zeros((hidden_size, hidden_size))")
    text = text.replace("hidden_state_t = np.tanh", "output_t = np.tanh").replace("append(hidden", "append(output_t) #")
    assert "stacking.state-is-carried" in lost(grade_source(text))


MIXED = """\
import numpy as np
def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(Wx @ input_t + Wh @ hidden_state_t + b)
""" + SCRIPT.replace("import numpy as np\n", "").replace(
    "np.tanh(Wx @ inputs[t] + Wh @ hidden_state_t + b)", "rnn_cell(inputs[t], hidden_state_t, Wx, Wh, b)"
)


def test_a_cell_as_a_function_and_the_layer_as_a_loop_at_the_top(grade_source: GradeSource) -> None:
    grade = grade_source(MIXED)
    assert str(grade.form) == "functions"
    assert is_full(grade), [(check.id, check.message) for check in grade.checks if not check.earned]
    assert check_of(grade, "numerics.saturation").earned
    assert check_of(grade, "stacking.state-is-carried").earned
    assert check_of(grade, "shapes.own-weights").earned


def test_a_wrong_loop_beside_a_right_cell(grade_source: GradeSource) -> None:
    text = MIXED.replace("    hidden_state_t = rnn_cell", "    output_t = rnn_cell").replace(
        "append(hid", "append(output_t) #"
    )
    grade = grade_source(text)
    assert lost(grade) == {"stacking.state-is-carried"}
    assert [finding.rule for finding in grade.findings] == ["state-not-carried"]


def test_a_layer_that_does_not_parse_is_not_replaced_by_its_demo(grade_source: GradeSource) -> None:
    grade = grade_source(MIXED + "def rnn_layer(inputs, Wx, Wh, b, h=None)\n    return inputs\n")
    assert "its definition does not parse: line" in str(check_of(grade, "shapes.layer-output").message)


SIZED_CLASS = """
import numpy as np
class RNN:
    def __init__(self, {sizes}):
        self.Wx = np.random.randn({hidden}, {inputs})
        self.Wh = np.random.randn({hidden}, {hidden})
        self.b = np.zeros({hidden})
    def forward(self, inputs, hidden_state_0=None):
        h = np.zeros(inputs.shape[:-2] + self.b.shape) if hidden_state_0 is None else hidden_state_0
        states = []
        for t in range(inputs.shape[-2]):
            h = np.tanh(inputs[..., t, :] @ self.Wx.T + h @ self.Wh.T + self.b)
            states.append(h)
        return np.stack(states, axis=-2)
"""


@pytest.mark.parametrize(
    ("inputs", "hidden"),
    [("n_in", "n_hid"), ("in_dim", "h_dim"), ("n_x", "n_h"), ("features", "units"), ("d_in", "d_h"), ("D", "H")],
)
def test_a_class_may_call_its_sizes_what_is_usual(grade_source: GradeSource, inputs: str, hidden: str) -> None:
    for sizes in (f"{inputs}, {hidden}", f"{hidden}, {inputs}"):
        assert is_full(grade_source(SIZED_CLASS.format(sizes=sizes, inputs=inputs, hidden=hidden))), sizes
