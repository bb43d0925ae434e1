"""The shapes that RNNs come in: many-to-one, many-to-many, one-to-many, encoder and decoder."""

from harness.checks.framework import Answers, Verdict, check


@check("models.many-to-one", asks=("many_to_one.*",))
def many_to_one(answers: Answers) -> Verdict:
    """many-to-one reads its output from the last hidden state"""
    return answers.all_within()


@check("models.many-to-many", asks=("many_to_many.*",))
def many_to_many(answers: Answers) -> Verdict:
    """many-to-many reads an output from the hidden state of every timestep"""
    return answers.all_within()


@check("models.one-to-many", asks=("one_to_many.*",))
def one_to_many(answers: Answers) -> Verdict:
    """one-to-many sees its input at the first timestep and zeros after that"""
    return answers.all_within()


@check("models.encoder-decoder", asks=("encoder_decoder.*",))
def encoder_decoder(answers: Answers) -> Verdict:
    """the decoder starts from the encoder's last state and reads its own output of the step before"""
    return answers.all_within()
