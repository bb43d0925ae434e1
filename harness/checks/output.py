"""The output layer, ``y = activation(Wy·h + by)``: shape, both activations, rows, and large values."""

from harness.checks.framework import Answers, Verdict, check


@check("output.shape", asks=("output_layer.sigmoid", "output_layer.softmax"))
def shape(answers: Answers) -> Verdict:
    """one hidden state (hidden_size,) gives one output (output_size,)"""
    return answers.all_shaped()


@check("output.sigmoid", asks=("output_layer.sigmoid", "output_layer.sigmoid-square", "output_layer.sigmoid-rows*"))
def sigmoid(answers: Answers) -> Verdict:
    """with 'sigmoid' each output is sigmoid(Wy·h + by)"""
    return answers.all_within()


@check("output.softmax", asks=("output_layer.softmax", "output_layer.softmax-square"))
def softmax(answers: Answers) -> Verdict:
    """with 'softmax' the outputs are softmax(Wy·h + by)"""
    return answers.all_within()


@check("output.softmax-rows", asks=("output_layer.softmax-rows*", "output_layer.softmax-batch"))
def softmax_rows(answers: Answers) -> Verdict:
    """of several hidden states each gets a softmax of its own, over the outputs"""
    return answers.all_within()


@check("output.of-cell", asks=tuple(f"cell.{name}:output" for name in ("by-hand", "plain", "wide", "square", "batch*")))
def of_cell(answers: Answers) -> Verdict:
    """the output is softmax(Wy·h + by) of the new state, for each sample by itself"""
    return answers.all_within()


@check("output.of-layer", asks=("layer.*:outputs",))
def of_layer(answers: Answers) -> Verdict:
    """every timestep has its own output, read from its own state"""
    return answers.all_within()


@check("output.large-values", asks=("output_layer.sigmoid-large", "output_layer.softmax-large"))
def large_values(answers: Answers) -> Verdict:
    """large sums neither overflow nor give NaN"""
    return answers.all_within()
