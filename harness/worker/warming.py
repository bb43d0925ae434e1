"""What is done once, before zygotes are forked, so that children need not: hand-ins of ours are graded, as in a child.

A fork shares memory until somebody writes. CPython writes where it only seems to read: counts of references, and the
instructions of a function, which it rewrites for the types that it meets (PEP 659). In a child each first write costs
a page fault and a copy of 4 KiB, and there are thousands. After a few hand-ins the code is as it will stay, memory is
laid out, and nothing is imported late: a child's calls take a third of the time.

The hand-ins are small and public, and nothing that anybody expects is in them. What they leave is taken back.
"""

import gc
import json
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from harness.wire import Channel, encode_array, pack
from harness.worker import child, execution

_FUNCTIONS = '''
import numpy as np

def rnn_cell(input_t, hidden_state_t, Wx, Wh, b):
    """One step."""
    return np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)

def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    hidden_state_t = np.zeros(len(b)) if hidden_state_0 is None else hidden_state_0
    total_hidden_states = []
    for input_t in inputs:
        hidden_state_t = rnn_cell(input_t, hidden_state_t, Wx, Wh, b)
        total_hidden_states.append(hidden_state_t)
    return np.stack(total_hidden_states, axis=0)

print(rnn_layer(np.zeros((2, 3)), np.zeros((4, 3)), np.zeros((4, 4)), np.zeros(4)).shape)
'''
_CLASS = """
import numpy as np

class RNN:
    def __init__(self, input_size, hidden_size):
        self.Wx = np.random.randn(hidden_size, input_size)
        self.Wh = np.random.randn(hidden_size, hidden_size)
        self.b = np.zeros(hidden_size)

    def step(self, input_t, hidden_state_t):
        return np.tanh(self.Wx @ input_t + self.Wh @ hidden_state_t + self.b)

    def forward(self, inputs):
        hidden_state_t, states = np.zeros(len(self.b)), []
        for input_t in inputs:
            hidden_state_t = self.step(input_t, hidden_state_t)
            states.append(hidden_state_t)
        return np.array(states)
"""
_SCRIPT = """
import numpy as np
timesteps, input_size, hidden_size = 3, 2, 4
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
"""
_CELLS: list[dict[str, Any]] = [
    {"cell_type": "code", "source": _FUNCTIONS, "metadata": {}, "outputs": [], "execution_count": None}
]
_SAMPLES = {
    "functions.py": _FUNCTIONS,
    "class.py": _CLASS,
    "script.py": _SCRIPT,
    "notebook.ipynb": json.dumps({"cells": _CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}),
    "listing.md": f"# RNN\n\n```python\n{_FUNCTIONS}\n```\n",
}
_WORDS = ("inputs", "hidden_state_t", "hidden_state_0", "total_hidden_states", "output_t", "Wx", "Wh", "b")
_SIZES = ("timesteps", "input_size", "hidden_size")


def run_through() -> None:
    """Hold a child's conversation about each sample."""
    for name, text in _SAMPLES.items():
        ours, theirs = socket.socketpair()
        grader = Channel(ours)
        for message in _messages(name, text):
            grader.send(message)
        ours.shutdown(socket.SHUT_WR)  # the child answers what it was sent, and then sees that nobody is there
        with _as_it_was():
            child.serve(Channel(theirs), None, has_torch=False)
        grader.close()
        theirs.close()


def keep() -> None:
    """Have the collector leave alone what is there by now; children have it as every Python has."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _messages(name: str, text: str) -> Iterator[dict[str, Any]]:
    weights = [np.zeros((4, 3)), np.zeros((4, 4)), np.zeros(4)]
    cell = [encode_array(one) for one in (np.zeros(3), np.zeros(4), *weights)]
    layer = [encode_array(one) for one in (np.zeros((2, 3)), *weights)]
    yield {"load": _request(name, text)}
    calls = [_call("cell", cell, times=1), _call("layer", layer, times=2), _call("weights", [3, 4], times=1)]
    yield {"calls": [pack(call) for call in (*calls, _call("script", [2, 5, 3, 4], times=1))]}
    yield {"source": True}


def _call(entry: str, arguments: list[Any], times: int) -> dict[str, Any]:
    return {"key": entry, "entry": entry, "arguments": arguments, "times": times, "echo": True, "first": False}


def _request(name: str, text: str) -> dict[str, Any]:
    return {"asked": _asked(), "name": name, "content": text.encode(), "definitions_only": False, "edits": []}


def _asked() -> dict[str, Any]:
    cell, layer = ["input_t", "hidden_state_t", "Wx", "Wh", "b"], ["inputs", "Wx", "Wh", "b", "hidden_state_0"]
    return {
        "entries": [_entry("cell", cell, 5, ["step"], "step"), _entry("layer", layer, 4, ["forward"], "loop")],
        "names": {word: [word] for word in (*_WORDS, *_SIZES)},
        "forms": ["functions", "class", "module", "script"],
        "torch": True,
        "ready_made": False,
        "helpers": {},
        "wrap": "",
        "package": "",
    }


def _entry(name: str, parameters: list[str], required: int, methods: list[str], looks_like: str) -> dict[str, Any]:
    return {
        "name": name,
        "parameters": parameters,
        "required": required,
        "functions": [f"rnn_{name}"],
        "methods": methods,
        "looks_like": looks_like,
        "weights": ["Wx", "Wh", "b"],
    }


@contextmanager
def _as_it_was() -> Iterator[None]:
    """Take back what loading a hand-in does to the interpreter."""
    streams, finders, generator = (sys.stdout, sys.stderr), sys.meta_path[:], np.random.default_rng
    alarm = signal.getsignal(signal.SIGVTALRM)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        sys.meta_path[:] = finders
        np.random.default_rng = generator
        signal.signal(signal.SIGVTALRM, alarm)
        sys.modules.pop(execution.MODULE_NAME, None)
