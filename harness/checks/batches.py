"""Batches: (batch_size, timesteps, input_size) in, (batch_size, timesteps, hidden_size) out, samples kept apart."""

from harness.checks.framework import Answers, Verdict, check


@check("batches.cell", asks=("cell.batch", "cell.batch-square"))
def cell(answers: Answers) -> Verdict:
    """each sample of a batch takes its own step"""
    return answers.all_within()


@check("batches.shape", asks=("layer.batch", "layer.batch-of-one", "layer.batch-square"))
def shape(answers: Answers) -> Verdict:
    """a batch of sequences comes back as (batch_size, timesteps, hidden_size)"""
    return answers.all_shaped()


@check(
    "batches.each-sample",
    asks=("layer.batch", "layer.batch-of-one", "layer.batch-square", "layer.batch-initial-state"),
)
def each_sample(answers: Answers) -> Verdict:
    """each sample of a batch comes out as if it had been alone"""
    return answers.all_within()
