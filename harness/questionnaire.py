"""The few questions that a convention takes, asked at the terminal."""

import click

from harness.authoring import CELL, LAYER, Draft, Function

_BATCHES: dict[str, dict[str, str]] = {
    "N T D": {},
    "T N D": {"inputs": "T N D", "total_hidden_states": "T N H"},
    "D N T": {
        "input_t": "D N",
        "hidden_state_t": "H N",
        "output_t": "H N",
        "inputs": "D N T",
        "hidden_state_0": "H N",
        "total_hidden_states": "H N T",
    },
}


def asked(title: str) -> Draft:
    """Ask what an assignment's convention is."""
    cell, cell_order = click.prompt("What is the step's function called?", default="rnn_cell"), _order("step", CELL)
    layer, layer_order = click.prompt("And the layer's?", default="rnn_layer"), _order("layer", LAYER)
    may_miss = layer_order[-1] == "hidden_state_0" and click.confirm("May the initial state be left out?", default=True)
    axes = _one_of("How is Wx kept?", {"H D": {}, "D H": {"Wx": "D H"}})
    axes |= _one_of("How does Wh meet the state?", {"Wh @ h": {}, "h @ Wh": {"Wh": "H_before H"}})
    axes |= _one_of("How is a batch of sequences kept?", _BATCHES)
    axes |= _one_of("What is the bias?", {"H": {}, "1 H": {"b": "1 H"}, "H 1": {"b": "H 1"}})
    batch = click.prompt("Is there a batch?", type=click.Choice(["optional", "always", "never"]), default="optional")
    count = click.prompt("How many things come back, the result first?", type=click.IntRange(1, 9), default=1)
    return Draft(
        title,
        Function(cell, cell_order, len(cell_order), count),
        Function(layer, layer_order, len(layer_order) - may_miss, count),
        axes,
        batch,
    )


def _order(of: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    while True:
        answer = click.prompt(f"The order of the {of}'s arguments", default=", ".join(usual))
        words = tuple(word.strip() for word in answer.split(","))
        if set(words) <= set(usual) and len(set(words)) == len(words) >= len(usual) - (usual is LAYER):
            return words
        click.echo(f"  these, each once: {', '.join(usual)}")


def _one_of(question: str, choices: dict[str, dict[str, str]]) -> dict[str, str]:
    return choices[click.prompt(question, type=click.Choice([*choices]), default=next(iter(choices)))]
