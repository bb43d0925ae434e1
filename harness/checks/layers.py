"""Layers on layers, both directions, padding, relu, and what is left of a sequence: its last state, and one kept."""

from harness.checks.framework import Answers, Verdict, check


@check("layers.two", asks=("two_layers.*",))
def two(answers: Answers) -> Verdict:
    """the second layer runs over the hidden states of the first"""
    return answers.all_within()


@check("layers.last-states", asks=("two_layers.*:last_hidden_states", "layer.*:last_hidden_state"))
def last_states(answers: Answers) -> Verdict:
    """the last hidden state of each layer comes back, too"""
    return answers.all_within()


@check("layers.to-one", asks=("two_layers_to_one.*",))
def to_one(answers: Answers) -> Verdict:
    """the output is read from the second layer's last hidden state"""
    return answers.all_within()


@check("layers.bidirectional", asks=("bidirectional_layer.*",))
def bidirectional(answers: Answers) -> Verdict:
    """row t has the state that has read up to t, then the one that has read back to t"""
    return answers.all_within()


@check("layers.masked", asks=("masked_layer.*", "masked_layer.*:last_hidden_state"))
def masked(answers: Answers) -> Verdict:
    """padding leaves zeros, and each sample's last state is that of its own last input"""
    return answers.all_within()


@check("layers.last-state-alone", asks=("last_state.*:last_hidden_state",))
def last_state_alone(answers: Answers) -> Verdict:
    """the last hidden state comes back where not all are asked for"""
    return answers.all_within()


@check("layers.state-is-kept", asks=("stateful_layer.*:later_hidden_states",))
def state_is_kept(answers: Answers) -> Verdict:
    """where the state is to be kept, the next call goes on from where the one before it ended"""
    return answers.all_within()


@check("layers.relu-cell", asks=("relu_cell.*",))
def relu_cell(answers: Answers) -> Verdict:
    """with a relu, one step is max(Wx·x + Wh·h + b, 0)"""
    return answers.all_within()


@check("layers.relu", asks=("relu_layer.*",))
def relu(answers: Answers) -> Verdict:
    """with a relu, each hidden state is computed from the one before it"""
    return answers.all_within()
