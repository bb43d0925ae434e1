"""The torch oracle: it agrees with the reference, on the CPU and, where there is one, on a GPU."""

import importlib.metadata
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from harness.assignment import built_in_names
from harness.bank import make_bank
from harness.cases import named_cases
from harness.errors import GraderFault, InputError
from harness.model import Assignment
from harness.questions import QUESTIONS
from harness.run import choose_assignment
from reference import bounds, oracle, rnn

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
DEVICES = ["cpu", pytest.param("cuda", marks=GPU)]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("shape", [(6, 3), (2, 6, 3)])
def test_torch_says_what_the_reference_says(device: str, batch_first: bool, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(5)
    inputs, Wx, b = rng.normal(size=shape), rng.normal(size=(4, 3)), rng.normal(size=4)
    Wh, initial = rng.normal(size=(4, 4)) / 4, rng.normal(size=(*shape[:-2], 4))
    said = oracle.rnn_layer(inputs, Wx, Wh, b, initial, device=device, batch_first=batch_first)
    exact = [array.astype(np.longdouble) for array in (inputs, Wx, Wh, b, initial)]
    layers = [bounds.rnn_layer(bounds.exact(exact[0]), *exact[1:], u=u) for u in (bounds.DOUBLE, bounds.EXTENDED)]
    assert said.dtype == np.float64
    assert (np.abs(said - layers[1].value) <= bounds.allowed(*layers)).all()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", ["notes", "notes-models"])
def test_every_case_of_the_bank_is_agreed_upon(name: str, device: str, request: pytest.FixtureRequest) -> None:
    assignment = request.getfixturevalue({"notes": "notes", "notes-models": "models"}[name])
    bank = make_bank(assignment, device)
    assert (bank.device, bank.torch_version) == (device, importlib.metadata.version("torch"))
    assert len(bank.cases) >= len(named_cases(assignment))


def test_a_disagreement_stops_the_run(notes: Assignment, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("RNN_HARNESS_CACHE", str(tmp_path))
    monkeypatch.setattr(oracle, "rnn_layer", lambda *a, **k: rnn.rnn_layer(*a[:5]) + 1e-9)
    with pytest.raises(GraderFault, match=r"reference and oracle disagree on .*: torch .* is off by 1\.0e-09, allowed"):
        make_bank(notes, "cpu")


@pytest.mark.parametrize("known", [True, False])
def test_a_run_keeps_neither_torch_nor_hypothesis_in_memory(
    known: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pytester: pytest.Pytester
) -> None:
    """What is not known yet is asked in a process of its own."""
    if not known:
        monkeypatch.setenv("RNN_HARNESS_CACHE", str(tmp_path))
    script = """
import sys
from harness.run import choose_assignment
from harness.assignment import built_in_names
from harness.bank import make_bank
bank = make_bank(choose_assignment("notes"), "cpu")
print(len(bank.cases), sorted({"torch", "hypothesis"} & set(sys.modules)))
"""
    result = pytester.run(sys.executable, "-c", script)
    assert re.fullmatch(r"\d+ \[\]", result.outlines[-1])
    assert known or list(tmp_path.glob("*.npz"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_cache_that_cannot_be_written_costs_time_alone(
    notes: Assignment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tmp_path.chmod(0o500)
    monkeypatch.setenv("RNN_HARNESS_CACHE", str(tmp_path))
    assert make_bank(notes, "cpu").cases


def test_a_cache_that_is_no_folder_costs_time_alone(
    notes: Assignment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RNN_HARNESS_CACHE", str(tmp_path / "file"))
    assert make_bank(notes, "cpu").cases


def test_a_damaged_cache_is_made_anew(notes: Assignment, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("RNN_HARNESS_CACHE", str(tmp_path))
    first = make_bank(notes, "cpu")
    for file in tmp_path.iterdir():  # type: ignore[attr-defined]
        file.write_bytes(b"not a zip file")
    second = make_bank(notes, "cpu")
    assert list(first.cases) == list(second.cases)
    assert all(np.array_equal(first.cases[name].expected, second.cases[name].expected) for name in first.cases)


def test_the_output_layer_of_torch() -> None:
    h, Wy, by = np.array([0.3, -0.2]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.1, 0.2, 0.3])
    for activation in ("sigmoid", "softmax"):
        said = oracle.output_layer(h, Wy, by, activation)
        np.testing.assert_allclose(said, rnn.output_layer(h, Wy, by, activation), rtol=1e-14)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_gpu_that_is_not_there_is_said_in_one_line(notes: Assignment) -> None:
    with pytest.raises(InputError, match=r"no CUDA device is available to torch .*; use --device cpu or --device auto"):
        make_bank(notes, "cuda")


def test_torch_missing_is_said_in_one_line(notes: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(InputError, match="torch is not installed; install it with: pip install torch"):
        make_bank(notes, "auto")


def test_every_question_is_asked_by_some_assignment() -> None:
    assignments = map(choose_assignment, built_in_names())
    assert {entry.question for one in assignments for entry in one.entries} == set(QUESTIONS)
