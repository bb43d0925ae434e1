"""Right hand-ins in several styles, and how each known bug looks in them.

A bug is written as replacements in a style; ``#!`` marks its guilty line.
"""

STYLES = {
    # The notes' names, a list that is stacked.
    "list": """\
import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    hidden_state_t = np.zeros(inputs.shape[:-2] + b.shape)
    if hidden_state_0 is not None:
        hidden_state_t = hidden_state_0
    total_hidden_states = []
    for t in range(inputs.shape[-2]):
        output_t = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)
        total_hidden_states.append(output_t)
        hidden_state_t = output_t
    return np.stack(total_hidden_states, axis=-2)
""",
    # Other names, a result that is made first and filled.
    "filled": '''\
import numpy as np

def rnn_forward(x, Wx, Wh, b, h0=None):
    """Forward pass over all timesteps."""
    T = x.shape[-2]
    prev_h = np.zeros(x.shape[:-2] + (Wh.shape[0],)) if h0 is None else h0
    h = np.zeros(x.shape[:-1] + (Wh.shape[0],))
    for t in range(T):
        h[..., t, :] = rnn_step_forward(x[..., t, :], prev_h, Wx, Wh, b)
        prev_h = h[..., t, :]
    return h

def rnn_step_forward(x, prev_h, Wx, Wh, b):
    a = x @ Wx.T + prev_h @ Wh.T + b
    next_h = np.tanh(a)
    return next_h
''',
    # One class, weights as attributes, the formula in the loop, letters for names.
    "class": """\
import numpy as np
class RNN:
    def __init__(self, Wx, Wh, b):
        self.Wx = Wx
        self.Wh = Wh
        self.b = b

    def forward(self, inputs, h=None):
        if h is None:
            h = np.zeros(inputs.shape[:-2] + self.b.shape)
        hs = []
        t = 0
        while t < inputs.shape[-2]:
            x = inputs[..., t, :]
            h = np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)
            hs += [h]
            t += 1
        return np.stack(hs, axis=-2)
""",
    # Long lines that are broken, keyword-like names, a generator of rows.
    "broken lines": """\
import numpy as np

def step(vec, state, W_xh, W_hh, bias):
    total = (
        np.matmul(vec, W_xh.T)
        + np.matmul(state, W_hh.T)
        + bias
    )
    return np.tanh(total)

def rnn(sequence, W_xh, W_hh, bias, state=None):
    batch = sequence.shape[:-2]
    if state is None:
        state = np.zeros((*batch, len(bias)))
    rows = []
    for vec in np.moveaxis(sequence, -2, 0):
        state = step(vec, state, W_xh, W_hh, bias)
        rows.append(state)
    return np.moveaxis(np.array(rows), 0, -2)
""",
    # No function at all.
    "script": """\
import numpy as np

timesteps = 10
input_size = 4
hidden_size = 8

inputs = np.random.random((timesteps, input_size))
hidden_state_t = np.zeros((hidden_size,))

Wx = np.random.random((hidden_size, input_size))
Wh = np.random.random((hidden_size, hidden_size))
b = np.random.random((hidden_size,))

total_hidden_states = []
for input_t in inputs:
    output_t = np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)
    total_hidden_states.append(list(output_t))
    hidden_state_t = output_t
total_hidden_states = np.stack(total_hidden_states, axis=0)
""",
    "models": """\
import numpy as np


def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def rnn_cell(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx.T + h @ Wh.T + b)


def rnn_layer(inputs, Wx, Wh, b):
    h = np.zeros(b.shape)
    states = []
    for x in inputs:
        h = rnn_cell(x, h, Wx, Wh, b)
        states.append(h)
    return np.stack(states)


def output_layer(h, Wy, by, activation):
    z = h @ Wy.T + by
    if activation == "sigmoid":
        return sigmoid(z)
    return softmax(z)


def many_to_one(inputs, Wx, Wh, b, Wy, by, activation):
    return output_layer(rnn_layer(inputs, Wx, Wh, b)[-1], Wy, by, activation)


def many_to_many(inputs, Wx, Wh, b, Wy, by, activation):
    return output_layer(rnn_layer(inputs, Wx, Wh, b), Wy, by, activation)


def one_to_many(input_0, timesteps, Wx, Wh, b, Wy, by, activation):
    x, h, outputs = input_0, np.zeros(b.shape), []
    for _ in range(timesteps):
        h = rnn_cell(x, h, Wx, Wh, b)
        y = output_layer(h, Wy, by, activation)
        outputs.append(y)
        x = np.zeros_like(x)
    return np.stack(outputs)


def encoder_decoder(inputs, timesteps, Wxe, Whe, be, Wxd, Whd, bd, Wy, by, activation):
    h = rnn_layer(inputs, Wxe, Whe, be)[-1]
    y = np.zeros(Wxd.shape[1])
    outputs = []
    for _ in range(timesteps):
        h = rnn_cell(y, h, Wxd, Whd, bd)
        y = output_layer(h, Wy, by, activation)
        outputs.append(y)
    return np.stack(outputs)
""",
    # Forward and backward, step and sequence.
    "cs231n": """\
import numpy as np


def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)


def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1 - next_h ** 2)
    dx = np.dot(da, Wx.T)
    dprev_h = np.dot(da, Wh.T)
    return dx, dprev_h, np.dot(x.T, da), np.dot(prev_h.T, da), da.sum(axis=0)


def rnn_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h, cache, prev_h = np.zeros((N, T, len(b))), [], h0
    for t in range(T):
        prev_h, one = rnn_step_forward(x[:, t], prev_h, Wx, Wh, b)
        h[:, t] = prev_h
        cache.append(one)
    return h, cache


def rnn_backward(dh, cache):
    N, T, H = dh.shape
    D = cache[0][0].shape[1]
    dx = np.zeros((N, T, D))
    dWx, dWh, db = np.zeros((D, H)), np.zeros((H, H)), np.zeros(H)
    dprev = np.zeros((N, H))
    for t in reversed(range(T)):
        total = dh[:, t] + dprev
        dx[:, t], dprev, dWx_t, dWh_t, db_t = rnn_step_backward(total, cache[t])
        dWx += dWx_t
        dWh += dWh_t
        db += db_t
    return dx, dprev, dWx, dWh, db
""",
    # The sequence without the step, and what the backward pass needs in a dict.
    "cs231n in one piece": """\
import numpy as np

def rnn_step_forward(x, prev_h, Wx, Wh, b):
    a = x @ Wx + prev_h @ Wh + b
    cache = {"x": x, "h": prev_h, "Wx": Wx, "Wh": Wh, "next": np.tanh(a)}
    return np.tanh(a), cache

def rnn_step_backward(dnext_h, cache):
    slope = 1 - cache["next"] * cache["next"]
    da = slope * dnext_h
    dprev_h = da @ cache["Wh"].T
    return da @ cache["Wx"].T, dprev_h, cache["x"].T @ da, cache["h"].T @ da, np.sum(da, axis=0)

def rnn_forward(x, h0, Wx, Wh, b):
    h = np.zeros((x.shape[0], x.shape[1], h0.shape[1]))
    state = h0
    for t in range(x.shape[1]):
        state = np.tanh(x[:, t, :] @ Wx + state @ Wh + b)
        h[:, t, :] = state
    return h, {"x": x, "h0": h0, "Wx": Wx, "Wh": Wh, "h": h}

def rnn_backward(dh, cache):
    x, h0, Wx, Wh, h = (cache[name] for name in ("x", "h0", "Wx", "Wh", "h"))
    dx, dWx, dWh, db = np.zeros_like(x), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros(Wh.shape[0])
    carried = np.zeros_like(h0)
    for t in range(x.shape[1] - 1, -1, -1):
        before = h[:, t - 1, :] if t > 0 else h0
        da = (dh[:, t, :] + carried) * (1 - h[:, t, :] ** 2)
        dx[:, t, :] = da @ Wx.T
        carried = da @ Wh.T
        dWx = dWx + x[:, t, :].T @ da
        dWh = dWh + before.T @ da
        db = db + da.sum(axis=0)
    return dx, carried, dWx, dWh, db
""",
    "models in one piece": """\
import numpy as np

def output_layer(h, Wy, by, activation):
    scores = np.dot(h, Wy.T) + by
    if activation == 'softmax':
        shifted = scores - scores.max(axis=-1, keepdims=True)
        return np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)
    else:
        small = np.exp(-np.abs(scores))
        return np.where(scores >= 0, 1, small) / (1 + small)

def states_of(inputs, Wx, Wh, b, h):
    out = np.zeros((len(inputs), len(b)))
    for t in range(len(inputs)):
        h = np.tanh(np.dot(Wx, inputs[t]) + np.dot(Wh, h) + b)
        out[t] = h
    return out

def many_to_one(inputs, Wx, Wh, b, Wy, by, activation):
    states = states_of(inputs, Wx, Wh, b, np.zeros(len(b)))
    last = states[-1]
    return output_layer(last, Wy, by, activation)

def many_to_many(inputs, Wx, Wh, b, Wy, by, activation):
    states = states_of(inputs, Wx, Wh, b, np.zeros(len(b)))
    return np.array([output_layer(state, Wy, by, activation) for state in states])

def one_to_many(image, timesteps, Wx, Wh, b, Wy, by, activation):
    xs = np.zeros((timesteps, len(image)))
    xs[0] = image
    states = states_of(xs, Wx, Wh, b, np.zeros(len(b)))
    return np.array([output_layer(state, Wy, by, activation) for state in states])

def encoder_decoder(inputs, timesteps, Wx, Wh, b, Wx2, Wh2, b2, Wy, by, activation):
    context = states_of(inputs, Wx, Wh, b, np.zeros(len(b)))[-1]
    word = np.zeros(Wx2.shape[1])
    words = []
    for t in range(timesteps):
        context = np.tanh(np.dot(Wx2, word) + np.dot(Wh2, context) + b2)
        word = output_layer(context, Wy, by, activation)
        words.append(word)
    return np.array(words)
""",
}


def assignment_of(style: str) -> str:
    """The assignment that a style is written for."""
    return "notes-models" if style.startswith("models") else "cs231n" if style.startswith("cs231n") else "notes"


Replacements = tuple[tuple[str, str], ...]


def written(style: str, replacements: Replacements, bug: str = "") -> tuple[str, int | None]:
    """A style with replacements made, and the number of the line that is marked."""
    text = STYLES.get(style, style)
    for old, new in replacements:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    lines = text.split("\n")
    marked = [number for number, line in enumerate(lines, 1) if "#!" in line]
    return text.replace("#!", f"# finding: {bug}"), marked[0] if marked else None


# fmt: off
#: For each known bug, how it looks: the first is its example in ``submissions/buggy``, the others are three more styles.
BUGGY: dict[str, tuple[tuple[str, Replacements], ...]] = {
    "backward-wh-not-transposed": (
        ("cs231n", (("np.dot(da, Wh.T)", "np.dot(da, Wh)  #!"),)),
        ("cs231n", (("dprev_h = np.dot(da, Wh.T)", "dprev_h = da @ Wh  #!"),)),
        ("cs231n", (("dprev_h = np.dot(da, Wh.T)", "dprev_h = da.dot(Wh)  #!"),)),
        ("cs231n", (("np.dot(da, Wh.T)", "np.matmul(da, Wh)  #!"),)),
    ),
    "gradients-overwritten": (
        ("cs231n", (("dWx += dWx_t", "dWx = dWx_t  #!"), ("dWh += dWh_t", "dWh = dWh_t"), ("db += db_t", "db = db_t"))),
        ("cs231n in one piece", (("dWx = dWx + x", "dWx = x"), ("dWh = dWh + before", "dWh = before"), ("db = db + da", "db = da"), (".T @ da\n        dWh", ".T @ da  #!\n        dWh"))),
        ("cs231n in one piece", (("dWx = dWx + x[:, t, :].T @ da", "dWx = np.dot(x[:, t, :].T, da)  #!"), ("dWh = dWh + before.T @ da", "dWh = np.dot(before.T, da)"), ("db = db + da.sum(axis=0)", "db = np.sum(da, 0)"))),
        ("cs231n", (("dWx += dWx_t", "dWx = 1 * dWx_t  #!"), ("dWh += dWh_t", "dWh = dWh_t.copy()"), ("db += db_t", "db = db_t"))),
    ),
    "no-backpropagation-through-time": (
        ("cs231n", (("total = dh[:, t] + dprev", "total = dh[:, t]  #!"),)),
        ("cs231n in one piece", (("(dh[:, t, :] + carried)", "dh[:, t, :]"), ("(1 - h[:, t, :] ** 2)", "(1 - h[:, t, :] ** 2)  #!"))),
        ("cs231n", (("        total = dh[:, t] + dprev\n", ""), ("rnn_step_backward(total, cache[t])", "rnn_step_backward(dh[:, t], cache[t])  #!"))),
        ("cs231n in one piece", (("(dh[:, t, :] + carried)", "np.array(dh[:, t, :])"), ("(1 - h[:, t, :] ** 2)", "(1 - h[:, t, :] ** 2)  #!"))),
    ),
    "tanh-derivative-twice": (
        ("cs231n", (("(1 - next_h ** 2)", "(1 - np.tanh(next_h) ** 2)  #!"),)),
        ("cs231n", (("(1 - next_h ** 2)", "(1 - next_h ** 2) ** 2  #!"),)),
        ("cs231n", (("dnext_h * (1 - next_h ** 2)", "dnext_h * (1 - next_h ** 2) * (1 - next_h ** 2)  #!"),)),
        ("cs231n", (("(1 - next_h ** 2)", "(1 - np.square(np.tanh(next_h)))  #!"),)),
    ),
    "other-convention": (
        ("list", (("np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "np.tanh(np.dot(input_t, Wx) + np.dot(hidden_state_t, Wh) + b)  #!"),)),
        ("filled", (("x @ Wx.T + prev_h @ Wh.T + b", "x @ Wx + prev_h @ Wh + b  #!"),)),
        ("broken lines", (("np.matmul(vec, W_xh.T)", "np.matmul(vec, W_xh)  #!"), ("np.matmul(state, W_hh.T)", "np.matmul(state, W_hh)"))),
        ("list", (("rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):", "rnn_layer(inputs, hidden_state_0, Wx, Wh, b):  #!"),)),
    ),
    "missing-bias": (
        ("list", (("hidden_state_t, Wh.T) + b)", "hidden_state_t, Wh.T))  #!"),)),
        ("filled", (("prev_h @ Wh.T + b", "prev_h @ Wh.T  #!"),)),
        ("class", (("h @ self.Wh.T + self.b)", "h @ self.Wh.T)  #!"),)),
        ("broken lines", (("(\n        np.matmul(vec, W_xh.T)", "(\n        np.matmul(vec, W_xh.T)  #!"), ("\n        + bias", ""))),
        ("script", (("hidden_state_t) + b)", "hidden_state_t))  #!"),)),
    ),
    "double-bias": (
        ("list", (("Wh.T) + b)", "Wh.T) + b + b)  #!"),)),
        ("filled", (("prev_h @ Wh.T + b", "prev_h @ Wh.T + 2 * b  #!"),)),
        ("class", (("(x @ self.Wx.T + h @ self.Wh.T + self.b)", "((x @ self.Wx.T + self.b) + (h @ self.Wh.T + self.b))  #!"),)),
        ("broken lines", (("        + bias\n    )\n", "        + bias\n    )\n    total += bias  #!\n"),)),
    ),
    "bias-outside": (
        ("list", (("Wh.T) + b)", "Wh.T)) + b  #!"),)),
        ("filled", (("prev_h @ Wh.T + b", "prev_h @ Wh.T"), ("np.tanh(a)", "np.tanh(a) + b  #!"))),
        ("class", (("h @ self.Wh.T + self.b)", "h @ self.Wh.T)\n            h = h + self.b  #!"),)),
        ("broken lines", (("\n        + bias", ""), ("return np.tanh(total)", "bent = np.tanh(total)\n    bent += bias  #!\n    return bent"))),
    ),
    "bias-per-sample": (
        ("list", (("+ b)", "+ b.reshape(-1, 1))  #!"),)),
        ("filled", (("prev_h @ Wh.T + b", "prev_h @ Wh.T + b[:, None]  #!"),)),
        ("class", (("+ self.b)", "+ np.expand_dims(self.b, 1))  #!"),)),
        ("broken lines", (("        + bias\n", "        + bias[:, np.newaxis]  #!\n"),)),
    ),
    "missing-activation": (
        ("list", (("np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b  #!"),)),
        ("filled", (("prev_h @ Wh.T + b", "prev_h @ Wh.T + b  #!"), ("np.tanh(a)", "a"))),
        ("class", (("np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)", "x @ self.Wx.T + h @ self.Wh.T + self.b  #!"),)),
        ("script", (("np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)", "np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b  #!"),)),
    ),
    "wrong-activation": (
        ("list", (("np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "1 / (1 + np.exp(-(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)))  #!"),)),
        ("filled", (("np.tanh(a)", "np.maximum(0, a)  #!"),)),
        ("class", (("np.tanh(x", "sigmoid(x"), ("+ self.b)", "+ self.b)  #!"), ("import numpy as np\n", "import numpy as np\ndef sigmoid(v):\n    return 1.0 / (1.0 + np.exp(-v))\n"))),
        ("broken lines", (("return np.tanh(total)", "return np.arctan(total)  #!"),)),
    ),
    "double-tanh": (
        ("list", (("return np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "return np.tanh(np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b))  #!"),)),
        ("filled", (("next_h = np.tanh(a)\n    return next_h", "next_h = np.tanh(a)  #!\n    return np.tanh(next_h)"),)),
        ("class", (("            hs += [h]", "            h = np.tanh(h)\n            hs += [h]"), ("+ self.b)", "+ self.b)  #!"))),
        ("broken lines", (("return np.tanh(total)", "bent = np.tanh(total)  #!\n    return np.tanh(bent)"),)),
    ),
    "tanh-per-term": (
        ("list", (("np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "np.tanh(np.dot(input_t, Wx.T)) + np.tanh(np.dot(hidden_state_t, Wh.T)) + b  #!"),)),
        ("filled", (("x @ Wx.T + prev_h @ Wh.T + b", "np.tanh(x @ Wx.T) + np.tanh(prev_h @ Wh.T + b)  #!"), ("np.tanh(a)", "a"))),
        ("class", (("np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)", "np.tanh(x @ self.Wx.T + self.b) + np.tanh(h @ self.Wh.T)  #!"),)),
        ("script", (("np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)", "np.tanh(np.dot(Wx, input_t)) + np.tanh(np.dot(Wh, hidden_state_t)) + np.tanh(b)  #!"),)),
    ),
    "product-of-terms": (
        ("list", (("np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "np.dot(input_t, Wx.T) * np.dot(hidden_state_t, Wh.T) + b)  #!"),)),
        ("filled", (("x @ Wx.T + prev_h @ Wh.T + b", "(x @ Wx.T) * (prev_h @ Wh.T) + b  #!"),)),
        ("class", (("x @ self.Wx.T + h @ self.Wh.T + self.b", "np.multiply(x @ self.Wx.T, h @ self.Wh.T) + self.b"), ("+ self.b)", "+ self.b)  #!"))),
        ("script", (("np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)", "np.dot(Wx, input_t) * np.dot(Wh, hidden_state_t) + b)  #!"),)),
    ),
    "elementwise-product": (
        ("list", (("np.dot(hidden_state_t, Wh.T) + b)", "hidden_state_t * Wh + b)  #!"),)),
        ("filled", (("prev_h @ Wh.T + b", "Wh * prev_h + b  #!"),)),
        ("class", (("h @ self.Wh.T + self.b)", "np.multiply(self.Wh, h) + self.b)  #!"),)),
        ("broken lines", (("np.matmul(state, W_hh.T)", "W_hh * state  #!"),)),
    ),
    "transposed-wx": (
        ("list", (("np.dot(input_t, Wx.T)", "np.dot(input_t, Wx)"), ("+ b)", "+ b)  #!"))),
        ("filled", (("x @ Wx.T + prev_h @ Wh.T + b", "x @ Wx + prev_h @ Wh.T + b  #!"),)),
        ("class", (("x @ self.Wx.T", "x @ self.Wx"), ("+ self.b)", "+ self.b)  #!"))),
        ("broken lines", (("np.matmul(vec, W_xh.T)", "np.matmul(vec, W_xh)  #!"),)),
    ),
    "transposed-wh": (
        ("list", (("np.dot(hidden_state_t, Wh.T)", "np.dot(hidden_state_t, Wh)"), ("+ b)", "+ b)  #!"))),
        ("filled", (("prev_h @ Wh.T + b", "prev_h @ Wh + b  #!"),)),
        ("class", (("h @ self.Wh.T", "h @ self.Wh"), ("+ self.b)", "+ self.b)  #!"))),
        ("script", (("np.dot(Wh, hidden_state_t) + b)", "np.dot(Wh.T, hidden_state_t) + b)  #!"),)),
    ),
    "swapped-weights": (
        ("list", (("np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "np.dot(input_t, Wh.T) + np.dot(hidden_state_t, Wx.T) + b)  #!"),)),
        ("filled", (("x @ Wx.T + prev_h @ Wh.T + b", "x @ Wh.T + prev_h @ Wx.T + b  #!"),)),
        ("class", (("x @ self.Wx.T + h @ self.Wh.T + self.b)", "h @ self.Wx.T + x @ self.Wh.T + self.b)  #!"),)),
        ("filled", (("(x[..., t, :], prev_h, Wx, Wh, b)", "(x[..., t, :], prev_h, Wh, Wx, b)  #!"),)),
    ),
    "overflowing-tanh": (
        ("list", (("np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)"), ("import numpy as np\n", "import numpy as np\n\n\ndef tanh(z):\n    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))  #!\n"))),
        ("filled", (("np.tanh(a)", "(np.exp(2 * a) - 1) / (np.exp(2 * a) + 1)  #!"),)),
        ("broken lines", (("return np.tanh(total)", "up, down = np.exp(total), np.exp(-total)\n    return (up - down) / (up + down)  #!"),)),
        ("filled", (("np.tanh(a)", "(1 - np.exp(-2 * a)) / (1 + np.exp(-2 * a))  #!"),)),
    ),
    "no-recurrent-term": (
        ("list", (("np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "np.dot(input_t, Wx.T) + b)  #!"),)),
        ("filled", (("x @ Wx.T + prev_h @ Wh.T + b", "x @ Wx.T + b  #!"),)),
        ("class", (("x @ self.Wx.T + h @ self.Wh.T + self.b)", "x @ self.Wx.T + self.b)  #!"),)),
        ("script", (("np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)", "np.dot(Wx, input_t) + b)  #!"),)),
    ),
    "state-not-carried": (
        ("list", (("\n        hidden_state_t = output_t", ""), ("hidden_state_t, Wx, Wh, b)\n        total", "hidden_state_t, Wx, Wh, b)  #!\n        total"))),
        ("filled", (("\n        prev_h = h[..., t, :]", ""), ("prev_h, Wx, Wh, b)\n    return", "prev_h, Wx, Wh, b)  #!\n    return"))),
        ("class", (("h = np.tanh(x", "new = np.tanh(x"), ("+ self.b)", "+ self.b)  #!"), ("hs += [h]", "hs += [new]"))),
        ("broken lines", (("        state = step(vec, state, W_xh, W_hh, bias)\n        rows.append(state)", "        rows.append(step(vec, state, W_xh, W_hh, bias))  #!"),)),
        ("script", (("\n    hidden_state_t = output_t", ""), ("hidden_state_t) + b)", "hidden_state_t) + b)  #!"))),
    ),
    "state-lags": (
        ("list", (("        output_t = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)", "        output_t = rnn_cell(inputs[..., t, :], previous, Wx, Wh, b)  #!"), ("        hidden_state_t = output_t", "        previous = hidden_state_t\n        hidden_state_t = output_t"), ("    total_hidden_states = []", "    previous = hidden_state_t\n    total_hidden_states = []"))),
        ("filled", (("prev_h = h[..., t, :]", "prev_h, now = now, h[..., t, :]"), ("    for t in range(T):", "    now = prev_h\n    for t in range(T):"), ("x[..., t, :], prev_h, Wx, Wh, b)", "x[..., t, :], prev_h, Wx, Wh, b)  #!"))),
        ("class", (("        t = 0\n", "        t = 0\n        before = h\n"), ("            h = np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)", "            new = np.tanh(x @ self.Wx.T + before @ self.Wh.T + self.b)  #!\n            before, h = h, new"))),
        ("broken lines", (("    rows = []", "    old = state\n    rows = []"), ("        state = step(vec, state, W_xh, W_hh, bias)", "        old, state = state, step(vec, old, W_xh, W_hh, bias)  #!"))),
    ),
    "preactivation-carried": (
        ("list", (("        output_t = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)\n        total_hidden_states.append(output_t)\n        hidden_state_t = output_t", "        total = inputs[..., t, :] @ Wx.T + hidden_state_t @ Wh.T + b  #!\n        total_hidden_states.append(np.tanh(total))\n        hidden_state_t = total"),)),
        ("class", (("            h = np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)\n            hs += [h]", "            h = x @ self.Wx.T + h @ self.Wh.T + self.b  #!\n            hs += [np.tanh(h)]"),)),
        ("broken lines", (("        state = step(vec, state, W_xh, W_hh, bias)\n        rows.append(state)", "        state = vec @ W_xh.T + state @ W_hh.T + bias  #!\n        row = np.tanh(state)\n        rows.append(row)"),)),
        ("script", (("    output_t = np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)\n    total_hidden_states.append(list(output_t))\n    hidden_state_t = output_t", "    a_t = np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b  #!\n    total_hidden_states.append(np.tanh(a_t))\n    hidden_state_t = a_t"),)),
    ),
    "states-accumulated": (
        ("list", (("        output_t = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)", "        output_t = hidden_state_t + rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)  #!"),)),
        ("filled", (("h[..., t, :] = rnn_step_forward(x[..., t, :], prev_h, Wx, Wh, b)", "h[..., t, :] = rnn_step_forward(x[..., t, :], prev_h, Wx, Wh, b) + prev_h  #!"),)),
        ("class", (("            h = np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)", "            h = h + np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)  #!"),)),
        ("broken lines", (("        state = step(vec, state, W_xh, W_hh, bias)\n        rows.append(state)", "        state = np.array(state)\n        state += step(vec, state, W_xh, W_hh, bias)  #!\n        rows.append(state)"),)),
    ),
    "initial-state-ignored": (
        ("list", (("    if hidden_state_0 is not None:\n        hidden_state_t = hidden_state_0\n", ""), ("np.zeros(inputs.shape[:-2] + b.shape)", "np.zeros(inputs.shape[:-2] + b.shape)  #!"))),
        ("filled", ((" if h0 is None else h0", "  #!"),)),
        ("class", (("        if h is None:\n            h = np.zeros(inputs.shape[:-2] + self.b.shape)", "        state = np.zeros(inputs.shape[:-2] + self.b.shape)  #!"), ("            h = np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)", "            state = np.tanh(x @ self.Wx.T + state @ self.Wh.T + self.b)"), ("hs += [h]", "hs += [state]"))),
        ("broken lines", (("    if state is None:\n        state = np.zeros((*batch, len(bias)))", "    state = np.zeros((*batch, len(bias)))  #!"),)),
    ),
    "initial-state-not-zero": (
        ("list", (("    hidden_state_t = np.zeros(inputs.shape[:-2] + b.shape)", "    hidden_state_t = np.ones(inputs.shape[:-2] + b.shape)  #!"),)),
        ("filled", (("np.zeros(x.shape[:-2] + (Wh.shape[0],)) if h0 is None else h0", "np.ones(x.shape[:-2] + (Wh.shape[0],)) if h0 is None else h0  #!"),)),
        ("class", (("            h = np.zeros(inputs.shape[:-2] + self.b.shape)", "            h = np.full(inputs.shape[:-2] + self.b.shape, 1.0)  #!"),)),
        ("broken lines", (("        state = np.zeros((*batch, len(bias)))", "        state = np.ones((*batch, len(bias)))  #!"),)),
    ),
    "state-survives-call": (
        ("""\
import numpy as np


class RNN:
    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b
        self.h = np.zeros(b.shape)

    def forward(self, inputs, hidden_state_0=None):
        if hidden_state_0 is not None:  #!
            self.h = hidden_state_0
        states = []
        for t in range(inputs.shape[-2]):
            self.h = np.tanh(inputs[..., t, :] @ self.Wx.T + self.h @ self.Wh.T + self.b)
            states.append(self.h)
        return np.stack(states, axis=-2)
""", ()),
        ("""\
import numpy as np
class Layer:
    def __init__(self, input_size, hidden_size):
        self.Wx = np.zeros((hidden_size, input_size))
        self.Wh = np.zeros((hidden_size, hidden_size))
        self.b = np.zeros(hidden_size)
        self.state = 0 * self.b
    def step(self, x):
        self.state = np.tanh(x @ self.Wx.T + self.state @ self.Wh.T + self.b)
        return self.state
    def __call__(self, inputs, h0=None):
        inputs = np.moveaxis(inputs, -2, 0)  #!
        if h0 is not None:
            self.state = h0
        return np.moveaxis(np.array([self.step(x) for x in inputs]), 0, -2)
""", ()),
        ("""\
import numpy as np
class SimpleRNN:
    '''Keeps its state.'''
    def __init__(self, Wx, Wh, b):
        self.Wx = Wx; self.Wh = Wh; self.b = b
        self.hidden_state = np.zeros(len(b))
    def run(self, xs, hidden_state_0=None):
        '''Runs over xs.'''
        if hidden_state_0 is not None:  #!
            self.hidden_state = hidden_state_0
        rows = []
        for i in range(xs.shape[-2]):
            new = np.tanh(np.dot(xs[..., i, :], self.Wx.T) + np.dot(self.hidden_state, self.Wh.T) + self.b)
            self.hidden_state = new
            rows.append(new)
        return np.stack(rows, axis=-2)
""", ()),
        ("""\
import numpy as np
class MyRNN:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.Wx, self.Wh, self.b = self.params
        self.h = None
    def forward(self, xs, h0=None):
        self.h = self.h if h0 is None else h0  #!
        if self.h is None:
            self.h = np.zeros(xs.shape[:-2] + self.b.shape)
        out = np.empty(xs.shape[:-1] + self.b.shape)
        for t in range(xs.shape[-2]):
            self.h = np.tanh(xs[..., t, :] @ self.Wx.T + self.h @ self.Wh.T + self.b)
            out[..., t, :] = self.h
        return out
""", ()),
    ),
    "batch-mixed": (
        ("""\
import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(Wx @ input_t + Wh @ hidden_state_t + b)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    if inputs.ndim == 2:
        return rnn_layer(inputs[None], Wx, Wh, b, hidden_state_0)[0]
    hidden_state_t = np.zeros(b.shape)
    batch = []
    for n in range(len(inputs)):  #!
        if hidden_state_0 is not None:
            hidden_state_t = hidden_state_0 if hidden_state_0.ndim == 1 else hidden_state_0[n]
        total_hidden_states = []
        for input_t in inputs[n]:
            hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
            total_hidden_states.append(hidden_state_t)
        batch.append(np.stack(total_hidden_states))
    return np.stack(batch)
""", ()),
        ("""\
import numpy as np
def rnn_step_forward(x, h, Wx, Wh, b):
    return np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
def rnn_forward(xs, Wx, Wh, b, h0=None):
    single = xs.ndim == 2
    if single:
        xs = xs[None]
    N, T, D = xs.shape
    out = np.zeros((N, T, len(b)))
    h = np.zeros(len(b))
    for i in range(N):  #!
        if h0 is not None:
            h = h0 if single else h0[i]
        for t in range(T):
            h = rnn_step_forward(xs[i, t], h, Wx, Wh, b)
            out[i, t] = h
    return out[0] if single else out
""", ()),
        ("""\
import numpy as np
class RNN:
    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b
    def forward(self, inputs, start=None):
        if inputs.ndim < 3:
            return self.forward(inputs[np.newaxis], None if start is None else start[np.newaxis])[0]
        results = []
        state = np.zeros(self.b.shape)
        for n, sample in enumerate(inputs):  #!
            if start is not None:
                state = start[n]
            rows = []
            for x in sample:
                state = np.tanh(self.Wx @ x + self.Wh @ state + self.b)
                rows.append(state)
            results.append(rows)
        return np.array(results)
""", ()),
        ("""\
import numpy as np
def cell(x, s, Wx, Wh, b):
    return np.tanh(Wx.dot(x) + Wh.dot(s) + b)
def layer(xs, Wx, Wh, b, s=None):
    flat = xs.ndim == 2
    batch = [xs] if flat else xs
    starts = None if s is None else ([s] if flat else s)
    state = np.zeros_like(b)
    everything = []
    for number, sample in enumerate(batch):  #!
        if starts is not None:
            state = starts[number]
        states = np.zeros((len(sample), len(b)))
        t = 0
        while t < len(sample):
            state = cell(sample[t], state, Wx, Wh, b)
            states[t] = state
            t = t + 1
        everything.append(states)
    return everything[0] if flat else np.array(everything)
""", ()),
    ),
    "batch-axis-confused": (
        ("""\
import numpy as np


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    return np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    hidden_state_t = np.zeros(b.shape) if hidden_state_0 is None else hidden_state_0
    total_hidden_states = []
    for input_t in inputs:  #!
        hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
        total_hidden_states.append(hidden_state_t)
    return np.stack(total_hidden_states, axis=0)
""", ()),
        ("list", (("np.stack(total_hidden_states, axis=-2)", "np.array(total_hidden_states)  #!"),)),
        ("class", (("np.stack(hs, axis=-2)", "np.stack(hs, axis=0)  #!"),)),
        ("""\
import numpy as np
def step(x, h, Wx, Wh, b):
    return np.tanh(x @ Wx.T + h @ Wh.T + b)
def rnn(inputs, Wx, Wh, b, h=None):
    if h is None:
        h = np.zeros(len(b))
    hs = []
    for t in range(len(inputs)):  #!
        h = step(inputs[t], h, Wx, Wh, b)
        hs.append(h)
    return np.stack(hs)
""", ()),
    ),
    "time-reversed": (
        ("list", (("for t in range(inputs.shape[-2]):", "for t in reversed(range(inputs.shape[-2])):  #!"),)),
        ("broken lines", (("for vec in np.moveaxis(sequence, -2, 0):", "for vec in np.moveaxis(sequence, -2, 0)[::-1]:  #!"),)),
        ("list", (("for t in range(inputs.shape[-2]):", "for t in range(inputs.shape[-2] - 1, -1, -1):  #!"),)),
        ("class", (("x = inputs[..., t, :]", "x = np.flip(inputs, axis=-2)[..., t, :]  #!"),)),
        ("script", (("for input_t in inputs:", "for input_t in inputs[::-1]:  #!"),)),
    ),
    "concatenated-not-stacked": (
        ("list", (("np.stack(total_hidden_states, axis=-2)", "np.concatenate(total_hidden_states, axis=-1)  #!"),)),
        ("filled", (("    return h\n", "    return h.reshape(-1)  #!\n"),)),
        ("class", (("np.stack(hs, axis=-2)", "np.concatenate(hs)  #!"),)),
        ("broken lines", (("np.moveaxis(np.array(rows), 0, -2)", "np.hstack(rows)  #!"),)),
        ("script", (("np.stack(total_hidden_states, axis=0)", "np.concatenate(total_hidden_states)  #!"),)),
    ),
    "wrong-stack-axis": (
        ("list", (("np.stack(total_hidden_states, axis=-2)", "np.stack(total_hidden_states, axis=-1)  #!"),)),
        ("filled", (("    return h\n", "    return np.swapaxes(h, -1, -2)  #!\n"),)),
        ("class", (("np.stack(hs, axis=-2)", "np.stack(hs, axis=1)  #!"),)),
        ("script", (("np.stack(total_hidden_states, axis=0)", "np.stack(total_hidden_states, axis=1)  #!"),)),
    ),
    "last-state-only": (
        ("list", (("return np.stack(total_hidden_states, axis=-2)", "return hidden_state_t  #!"),)),
        ("filled", (("    return h\n", "    return prev_h  #!\n"),)),
        ("class", (("return np.stack(hs, axis=-2)", "return hs[-1]  #!"),)),
        ("broken lines", (("    rows = []\n", ""), ("        rows.append(state)\n", ""), ("return np.moveaxis(np.array(rows), 0, -2)", "return state  #!"))),
    ),
    "early-return": (
        ("list", (("    return np.stack(total_hidden_states, axis=-2)", "        return np.stack(total_hidden_states, axis=-2)  #!"),)),
        ("class", (("        return np.stack(hs, axis=-2)", "            return np.stack(hs, axis=-2)  #!"),)),
        ("broken lines", (("    return np.moveaxis(np.array(rows), 0, -2)", "        return np.moveaxis(np.array(rows), 0, -2)  #!"),)),
        ("list", (("        hidden_state_t = output_t", "        hidden_state_t = output_t\n        result = np.stack(total_hidden_states, axis=-2)\n        return result  #!"), ("    return np.stack(total_hidden_states, axis=-2)\n", ""))),
    ),
    "aliased-states": (
        ("list", (("        total_hidden_states.append(output_t)\n        hidden_state_t = output_t", "        hidden_state_t[:] = output_t\n        total_hidden_states.append(hidden_state_t)  #!"), ("        hidden_state_t = hidden_state_0\n", "        hidden_state_t = np.array(hidden_state_0)\n"))),
        ("class", (("            h = np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)\n            hs += [h]", "            h[...] = np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)\n            hs += [h]  #!"), ("        hs = []", "        h = np.array(h)\n        hs = []"))),
        ("broken lines", (("        state = step(vec, state, W_xh, W_hh, bias)\n        rows.append(state)", "        np.copyto(buffer, step(vec, buffer, W_xh, W_hh, bias))\n        rows.append(buffer)  #!"), ("    rows = []", "    buffer = np.array(state)\n    rows = []"))),
        ("script", (("    hidden_state_t = output_t", "    hidden_state_t[:] = output_t"), ("append(list(output_t))", "append(hidden_state_t)  #!"))),
    ),
    "initial-state-included": (
        ("list", (("    total_hidden_states = []", "    total_hidden_states = [hidden_state_t]  #!"),)),
        ("class", (("        hs = []", "        hs = [h]  #!"),)),
        ("broken lines", (("    rows = []", "    rows = [state]  #!"),)),
        ("list", (("    total_hidden_states = []", "    states = [hidden_state_t]  #!"), ("        output_t = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)\n        total_hidden_states.append(output_t)\n        hidden_state_t = output_t", "        states.append(rnn_cell(inputs[..., t, :], states[-1], Wx, Wh, b))"), ("np.stack(total_hidden_states, axis=-2)", "np.stack(states, axis=-2)"))),
    ),
    "shifted-states": (
        ("list", (("        output_t = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)\n        total_hidden_states.append(output_t)\n        hidden_state_t = output_t", "        total_hidden_states.append(hidden_state_t)  #!\n        hidden_state_t = rnn_cell(inputs[..., t, :], hidden_state_t, Wx, Wh, b)"),)),
        ("class", (("            h = np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)\n            hs += [h]", "            hs += [h]  #!\n            h = np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)"),)),
        ("broken lines", (("        state = step(vec, state, W_xh, W_hh, bias)\n        rows.append(state)", "        rows.append(state)  #!\n        state = step(vec, state, W_xh, W_hh, bias)"),)),
        ("filled", (("        h[..., t, :] = rnn_step_forward(x[..., t, :], prev_h, Wx, Wh, b)\n        prev_h = h[..., t, :]", "        h[..., t, :] = prev_h  #!\n        prev_h = rnn_step_forward(x[..., t, :], prev_h, Wx, Wh, b)"),)),
    ),
    "step-left-out": (
        ("filled", (("for t in range(T):", "for t in range(T - 1):  #!"),)),
        ("filled", (("for t in range(T):", "for t in range(1, T):  #!"),)),
        ("list", (("for t in range(inputs.shape[-2]):", "for t in range(inputs.shape[-2] - 1):  #!"),)),
        ("class", (("while t < inputs.shape[-2]:", "while t < inputs.shape[-2] - 1:  #!"),)),
        ("broken lines", (("np.moveaxis(sequence, -2, 0):", "np.moveaxis(sequence, -2, 0)[:-1]:  #!"),)),
        ("script", (("for input_t in inputs:", "for input_t in inputs[1:]:  #!"),)),
    ),
    "rows-reversed": (
        ("list", (("total_hidden_states.append(output_t)", "total_hidden_states.insert(0, output_t)  #!"),)),
        ("filled", (("    return h\n", "    return h[..., ::-1, :]  #!\n"),)),
        ("class", (("np.stack(hs, axis=-2)", "np.stack(hs[::-1], axis=-2)  #!"),)),
        ("broken lines", (("    return np.moveaxis(np", "    rows.reverse()  #!\n    return np.moveaxis(np"),)),
    ),
    "rounded": (
        ("list", (("return np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "return np.round(np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b), 4)  #!"),)),
        ("filled", (("    return h\n", "    return np.around(h, 3)  #!\n"),)),
        ("class", (("            hs += [h]", "            h = h.round(5)  #!\n            hs += [h]"),)),
        ("script", (("np.stack(total_hidden_states, axis=0)", "np.round(np.stack(total_hidden_states, axis=0), 2)  #!"),)),
    ),
    "integer-truncation": (
        ("filled", (("    h = np.zeros(x.shape[:-1] + (Wh.shape[0],))", "    h = np.zeros(x.shape[:-1] + (Wh.shape[0],), dtype=int)  #!"), ("        h[..., t, :] = rnn_step_forward(x[..., t, :], prev_h, Wx, Wh, b)\n        prev_h = h[..., t, :]", "        prev_h = rnn_step_forward(x[..., t, :], prev_h, Wx, Wh, b)\n        h[..., t, :] = prev_h"))),
        ("list", (("np.stack(total_hidden_states, axis=-2)", "np.stack(total_hidden_states, axis=-2).astype(int)  #!"),)),
        ("class", (("hs += [h]", "hs += [h.astype(np.int64)]  #!"),)),
        ("broken lines", (("np.array(rows)", "np.array(rows, dtype=np.int32)"), ("    return np.moveaxis(np.array(rows, dtype=np.int32), 0, -2)", "    return np.moveaxis(np.array(rows, dtype=np.int32), 0, -2)  #!"))),
    ),
    "low-precision": (
        ("list", (("return np.tanh(", "return np.float16(np.tanh("), ("Wh.T) + b)", "Wh.T) + b))  #!"))),
        ("filled", (("    return h\n", "    return h.astype(np.float16)  #!\n"),)),
        ("class", (("hs += [h]", "hs += [h.astype('float16')]  #!"),)),
        ("broken lines", (("return np.tanh(total)", "return np.tanh(total).astype(np.half)  #!"),)),
    ),
    "mutates-arguments": (
        ("list", (("        total_hidden_states.append(output_t)\n        hidden_state_t = output_t", "        hidden_state_t[...] = output_t  #!\n        total_hidden_states.append(np.array(hidden_state_t))"),)),
        ("filled", (("    next_h = np.tanh(a)\n", "    next_h = np.tanh(a)\n    prev_h *= 0  #!\n"),)),
        ("broken lines", (("    batch = sequence.shape[:-2]\n", "    batch = sequence.shape[:-2]\n    bias += 0.0\n    W_hh[...] = W_hh * 2  #!\n    W_hh = W_hh / 2\n"),)),
        ("list", (("    total_hidden_states = []", "    inputs -= 1  #!\n    inputs = inputs + 1\n    total_hidden_states = []"),)),
    ),
    "reads-globals": (
        ("list", (("    hidden_state_t = np.zeros(inputs.shape[:-2] + b.shape)", "    hidden_state_t = np.zeros(inputs.shape[:-2] + (hidden_size,))  #!"), ("import numpy as np\n", "import numpy as np\n\nhidden_size = 8\n"))),
        ("filled", (("    T = x.shape[-2]\n", ""), ("for t in range(T):", "for t in range(timesteps):  #!"))),
        ("broken lines", (("def step(vec, state, W_xh, W_hh, bias):", "def step(vec, state, W_xh, W_hh, bias):"), ("len(bias)", "units"), ("        state = np.zeros((*batch, units))", "        state = np.zeros((*batch, units))  #!"))),
        ("list", (("for t in range(inputs.shape[-2]):", "for t in range(seq_len):  #!"), ("import numpy as np\n", "import numpy as np\nseq_len = 10\n"))),
    ),
    "hard-coded-sizes": (
        ("list", (("np.zeros(inputs.shape[:-2] + b.shape)", "np.zeros(inputs.shape[:-2] + (8,))"), ("    hidden_state_t = np.zeros(inputs.shape[:-2] + (8,))", "    hidden_state_t = np.zeros(8)  #!"))),
        ("filled", (("    T = x.shape[-2]\n", ""), ("for t in range(T):", "for t in range(10):  #!"))),
        ("broken lines", (("np.zeros((*batch, len(bias)))", "np.zeros((64,))  #!"),)),
        ("class", (("h = np.zeros(inputs.shape[:-2] + self.b.shape)", "h = np.zeros((8,))  #!"),)),
    ),
    "shortcut": (
        ("""\
import torch


def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    cell = torch.nn.RNNCell(Wx.shape[1], Wx.shape[0])  #!
    return cell(torch.from_numpy(input_t), torch.from_numpy(hidden_state_t)).detach().numpy()


def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    return rnn_cell(inputs, hidden_state_0, Wx, Wh, b)
""", ()),
        ("""\
import torch.nn as nn
import torch

def rnn_forward(x, Wx, Wh, b, h0=None):
    net = nn.RNN(x.shape[-1], len(b), batch_first=True)  #!
    out, _ = net(torch.tensor(x))
    return out.detach().numpy()
""", ()),
        ("""\
from torch import nn
class Net(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.rnn = nn.LSTM(input_size, hidden_size)  #!
    def forward(self, x):
        return self.rnn(x)
""", ()),
        ("""\
import numpy as np
from tensorflow.keras.layers import SimpleRNN

def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    return SimpleRNN(len(b), return_sequences=True)(inputs[None])[0].numpy()  #!
""", ()),
    ),
    "python-2": (
        ("list", (("    return np.stack(total_hidden_states, axis=-2)", "    return np.stack(total_hidden_states, axis=-2)"), ("        hidden_state_t = output_t", "        hidden_state_t = output_t\n        print t, output_t  #!"))),
        ("filled", (("for t in range(T):", "for t in xrange(T):  #!"),)),
        ("class", (("        return np.stack(hs, axis=-2)", "        print \"done\", len(hs)  #!\n        return np.stack(hs, axis=-2)"),)),
        ("broken lines", (("    rows = []\n", "    rows = []\n    try:\n        len(sequence)\n    except TypeError, error:  #!\n        pass\n"),)),
    ),
    "not-attempted": (
        ("list", (("def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):\n    return np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):  #!\n    pass"),)),
        ("filled", (("    a = x @ Wx.T + prev_h @ Wh.T + b\n    next_h = np.tanh(a)\n", "    next_h = None\n"), ("def rnn_step_forward(x, prev_h, Wx, Wh, b):", "def rnn_step_forward(x, prev_h, Wx, Wh, b):  #!"))),
        ("broken lines", (("    total = (\n        np.matmul(vec, W_xh.T)\n        + np.matmul(state, W_hh.T)\n        + bias\n    )\n    return np.tanh(total)", "    raise NotImplementedError"), ("def step(vec, state, W_xh, W_hh, bias):", "def step(vec, state, W_xh, W_hh, bias):  #!"))),
        ("""\
import numpy as np
class RNN:
    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b
    def forward(self, inputs):  #!
        # your code here
        ...
""", ()),
    ),
    "wh-shape": (
        ("script", (("Wh = np.random.random((hidden_size, hidden_size))", "Wh = np.random.random((hidden_size, input_size))  #!"),)),
        ("""\
import numpy as np
class RNN:
    def __init__(self, input_size, hidden_size):
        self.W_xh = np.random.randn(hidden_size, input_size) * 0.1
        self.W_hh = np.random.randn(hidden_size, input_size) * 0.1  #!
        self.b_h = np.zeros(hidden_size)
    def forward(self, inputs, h0=None):
        h, rows = np.zeros(len(self.b_h)) if h0 is None else h0, []
        for x in np.moveaxis(inputs, -2, 0):
            h = np.tanh(x @ self.W_xh.T + h @ self.W_hh.T + self.b_h)
            rows.append(h)
        return np.stack(rows, axis=-2)
""", ()),
        ("script", (("input_size = 4", "D = 4"), ("hidden_size = 8", "H = 8"), ("(timesteps, input_size)", "(timesteps, D)"), ("np.zeros((hidden_size,))", "np.zeros(H)"), ("Wx = np.random.random((hidden_size, input_size))", "Wx = np.random.randn(H, D)"), ("Wh = np.random.random((hidden_size, hidden_size))", "Wh = np.random.randn(H, D)  #!"), ("b = np.random.random((hidden_size,))", "b = np.random.randn(H)"))),
        ("filled", (("import numpy as np\n", "import numpy as np\n\nn_inputs, n_hidden = 4, 8\nWx = np.ones((n_hidden, n_inputs))\nWh = np.ones([n_inputs, n_hidden])  #!\nb = np.ones(n_hidden)\n"),)),
    ),
    "misspelled-hidden-state": (
        ("list", (("        hidden_state_t = output_t", "        hiden_state_t = output_t  #!"),)),
        ("filled", (("        prev_h = h[..., t, :]", "        pre_h = h[..., t, :]  #!"),)),
        ("class", (("            hs += [h]", "            hs += [new]\n            stat = new  #!"), ("h = np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)", "new = np.tanh(x @ self.Wx.T + state @ self.Wh.T + self.b)"), ("        if h is None:\n            h = np.zeros(inputs.shape[:-2] + self.b.shape)", "        if state is None:\n            state = np.zeros(inputs.shape[:-2] + self.b.shape)"), ("inputs, h=None", "inputs, state=None"))),
        ("script", (("    hidden_state_t = output_t", "    hiddenstate_t = output_t  #!"),)),
    ),
    "misspelled-name": (
        ("script", (("timesteps = 10", "temesteps = 10  #!"),)),
        ("list", (("np.stack(total_hidden_states, axis=-2)", "np.stack(total_hidden_state, axis=-2)  #!"),)),
        ("filled", (("next_h = np.tanh(a)", "next_h = np.tahn(a)  #!"),)),
        ("class", (("np.zeros(inputs.shape[:-2] + self.b.shape)", "np.zeros(input.shape[:-2] + self.b.shape)"), ("            x = inputs[..., t, :]", "            x = inptus[..., t, :]  #!"), ("input.shape[:-2]", "inputs.shape[:-2]"))),
    ),
    "broken-syntax": (
        ("script", (("np.random.random((timesteps, input_size))", "np.random.random.((timesteps, input_size))  #!"),)),
        ("list", (("for t in range(inputs.shape[-2]):", "for t in range(inputs.shape[-2])  #!"),)),
        ("filled", (("    a = x @ Wx.T + prev_h @ Wh.T + b\n    next_h = np.tanh(a)", "    next_h = np.tanh(x @ Wx.T + prev_h @ Wh.T + b  #!"),)),
        ("class", (("        hs = []", "        >>> hs = []  #!"),)),
        ("list", (("    total_hidden_states = []", "    이제 상태를 하나씩 쌓는다  #!\n    total_hidden_states = []"),)),
    ),
    "loop-over-length": (
        ("script", (("for input_t in inputs:", "for input_t in timesteps:  #!"),)),
        ("list", (("for t in range(inputs.shape[-2]):", "for t in inputs.shape[-2]:  #!"),)),
        ("filled", (("for t in range(T):", "for t in T:  #!"),)),
        ("broken lines", (("    rows = []\n", "    rows = []\n    length = sequence.shape[-2]\n"), ("    for vec in np.moveaxis(sequence, -2, 0):\n        state = step(vec, ", "    for i in length:  #!\n        vec = np.moveaxis(sequence, -2, 0)[i]\n        state = step(vec, "))),
    ),
    "pseudocode-cell": (
        ("script", (("np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)", "np.tanh(input_t, hidden_state_t)  #!"),)),
        ("list", (("    return np.tanh(np.dot(input_t, Wx.T) + np.dot(hidden_state_t, Wh.T) + b)", "    return np.tanh(input_t, hidden_state_t)  #!"),)),
        ("script", (("np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)", "tanh(input_t, hidden_state_t)  #!"), ("import numpy as np\n", "import numpy as np\nfrom math import tanh\n"))),
        ("class", (("np.tanh(x @ self.Wx.T + h @ self.Wh.T + self.b)", "np.tanh(x, h)  #!"),)),
    ),
    "scalar-initial-state": (
        ("script", (("hidden_state_t = np.zeros((hidden_size,))", "hidden_state_t = 0  #!"),)),
        ("""\
import numpy as np
def rnn_cell(x, h, Wx, Wh, b):
    return np.tanh(np.dot(Wx, x) + np.dot(Wh, h) + b)
def rnn_layer(inputs, Wx, Wh, b, h0=None):
    h = 0  #!
    if h0 is not None:
        h = h0
    states = []
    for x in inputs:
        h = rnn_cell(x, h, Wx, Wh, b)
        states.append(h)
    return np.stack(states)
""", ()),
        ("script", (("hidden_state_t = np.zeros((hidden_size,))", "h_t = 0.0  #!"), ("np.dot(Wh, hidden_state_t) + b", "np.dot(Wh, h_t) + b"), ("    hidden_state_t = output_t", "    h_t = output_t"))),
        ("""\
import numpy as np
class RNN:
    def __init__(self, Wx, Wh, b):
        self.Wx, self.Wh, self.b = Wx, Wh, b
    def forward(self, inputs, given=None):
        state = 0  #!
        if given is not None:
            state = given
        rows = []
        for x in inputs:
            state = np.tanh(self.Wx @ x + self.Wh @ state + self.b)
            rows.append(state)
        return np.array(rows)
""", ()),
    ),
    "softmax-axis": (
        ("models", (("    e = np.exp(z - np.max(z, axis=-1, keepdims=True))\n    return e / np.sum(e, axis=-1, keepdims=True)", "    e = np.exp(z - np.max(z))\n    return e / np.sum(e)  #!"),)),
        ("models", (("return e / np.sum(e, axis=-1, keepdims=True)", "return e / np.sum(e, axis=0)  #!"),)),
        ("models in one piece", (("np.exp(shifted).sum(axis=-1, keepdims=True)", "np.exp(shifted).sum()  #!"),)),
        ("models in one piece", (("shifted = scores - scores.max(axis=-1, keepdims=True)", "shifted = scores - scores.max(axis=0, keepdims=True)"), ("np.exp(shifted).sum(axis=-1, keepdims=True)", "np.exp(shifted).sum(axis=0, keepdims=True)  #!"))),
    ),
    "overflowing-softmax": (
        ("models", (("    e = np.exp(z - np.max(z, axis=-1, keepdims=True))", "    e = np.exp(z)  #!"),)),
        ("models", (("    e = np.exp(z - np.max(z, axis=-1, keepdims=True))\n    return e / np.sum(e, axis=-1, keepdims=True)", "    return np.exp(z) / np.sum(np.exp(z), axis=-1, keepdims=True)  #!"),)),
        ("models in one piece", (("        shifted = scores - scores.max(axis=-1, keepdims=True)\n        return np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)", "        return np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)  #!"),)),
        ("models in one piece", (("        shifted = scores - scores.max(axis=-1, keepdims=True)\n        return np.exp(shifted) / np.exp(shifted).sum(axis=-1, keepdims=True)", "        powers = np.exp(scores)  #!\n        total = powers.sum(axis=-1, keepdims=True)\n        return powers / total"),)),
    ),
    "wrong-output-activation": (
        ("models", (("    if activation == \"sigmoid\":\n        return sigmoid(z)\n    return softmax(z)", "    return softmax(z)  #!"),)),
        ("models", (('    if activation == "sigmoid":', '    if activation == "softmax":  #!'),)),
        ("models", (("    if activation == \"sigmoid\":\n        return sigmoid(z)\n    return softmax(z)", "    return sigmoid(z)  #!"),)),
        ("models in one piece", (("    if activation == 'softmax':", "    if activation == 'sigmoid':  #!"),)),
    ),
    "output-fed-back": (
        ("models", (("        x = np.zeros_like(x)", "        x = y  #!"),)),
        ("models", (("        outputs.append(y)\n        x = np.zeros_like(x)", "        outputs.append(y)\n        x = np.zeros_like(x)\n        h = y  #!"),)),
        ("models in one piece", (("        words.append(word)\n", "        words.append(word)\n        context = word  #!\n"),)),
        ("models", (("        x = np.zeros_like(x)", "        fed = y\n        x = fed  #!"), ("        fed = y\n        x = fed  #!", "        x = y  #!"))),
    ),
    "input-repeated": (
        ("models", (("        x = np.zeros_like(x)\n", ""), ("        h = rnn_cell(x, h, Wx, Wh, b)\n        y =", "        h = rnn_cell(x, h, Wx, Wh, b)  #!\n        y ="))),
        ("models in one piece", (("        context = np.tanh(np.dot(Wx2, word) + np.dot(Wh2, context) + b2)\n        word = output_layer(context, Wy, by, activation)\n        words.append(word)", "        context = np.tanh(np.dot(Wx2, word) + np.dot(Wh2, context) + b2)  #!\n        out = output_layer(context, Wy, by, activation)\n        words.append(out)"),)),
        ("models", (("        h = rnn_cell(y, h, Wxd, Whd, bd)\n        y = output_layer(h, Wy, by, activation)\n        outputs.append(y)", "        h = rnn_cell(y, h, Wxd, Whd, bd)  #!\n        outputs.append(output_layer(h, Wy, by, activation))"),)),
        ("models", (("    x, h, outputs = input_0, np.zeros(b.shape), []", "    h, outputs = np.zeros(b.shape), []"), ("        h = rnn_cell(x, h, Wx, Wh, b)\n        y =", "        h = rnn_cell(input_0, h, Wx, Wh, b)  #!\n        y ="), ("        x = np.zeros_like(x)\n", ""))),
    ),
    "wrong-state-read-out": (
        ("models", (("rnn_layer(inputs, Wx, Wh, b)[-1], Wy, by, activation)", "rnn_layer(inputs, Wx, Wh, b)[0], Wy, by, activation)  #!"),)),
        ("models in one piece", (("last = states[-1]", "last = np.mean(states, axis=0)  #!"),)),
        ("models", (("rnn_layer(inputs, Wx, Wh, b)[-1], Wy, by, activation)", "rnn_layer(inputs, Wx, Wh, b).sum(axis=0), Wy, by, activation)  #!"),)),
        ("models in one piece", (("last = states[-1]", "last = states.max(axis=0)  #!"),)),
    ),
}
# fmt: on
