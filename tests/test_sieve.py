"""What is ruled out by one number would have been ruled out by all of them, whatever came back."""

import math

import numpy as np
import pytest

from harness.bank import Bank
from harness.model import Assignment, Case, Doubles
from harness.sieve import Sieve
from harness.twins import Twins
from harness.ways import equal

CASES = ("cell.plain", "layer.plain", "layer.batch", "layer.initial-state", "layer.one-timestep")


@pytest.fixture(scope="module")
def twins(bank: Bank, notes: Assignment) -> Twins:
    return Twins(bank, notes)


def answers_to(case: Case, twins: Twins) -> list[Doubles]:
    """Answers of every kind: right ones, those of each twin, and such as no twin gives."""
    right = case.expected.astype(np.float64)
    outputs = [twins.output(way, case.name) for way in twins.ways]
    made = [right, right + 1e-3, np.zeros_like(right), np.full_like(right, np.nan), np.full_like(right, np.inf)]
    made += [right[..., :-1], right[np.newaxis], right.ravel(), np.zeros((0,)), np.float64(1.0).reshape(())]
    return made + [one.astype(np.float64) for one in outputs if one is not None]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("near", [1e-12, 1e-3])
def test_only_what_is_not_equal_is_ruled_out(name: str, near: float, twins: Twins, bank: Bank) -> None:
    case = bank.canonical[name]
    sieve = twins.sieve(twins.ways)
    for got in answers_to(case, twins):
        left = sieve.left(case, got, near)
        for way in twins.ways:
            twin = twins.output(way, name)
            if twin is not None and equal(got, twin, near):
                assert way in left, way.names


@pytest.mark.parametrize("name", CASES)
def test_most_are_ruled_out(name: str, twins: Twins, bank: Bank) -> None:
    case, sieve = bank.canonical[name], twins.sieve(twins.pairs)
    left = sieve.left(case, case.expected.astype(np.float64) + 0.01, 1e-9)
    assert len(left) < len(twins.pairs) / 20


def test_what_is_no_array_rules_out_all(twins: Twins, bank: Bank) -> None:
    assert twins.sieve(twins.ways).left(bank.canonical["layer.plain"], None, 1e-9) == []


def test_a_twin_that_raises_is_ruled_out_by_what_came_back(twins: Twins, bank: Bank) -> None:
    case = bank.canonical["layer.plain"]
    way = next(way for way in twins.ways if twins.output(way, case.name) is None)
    for got in answers_to(case, twins):
        assert way not in twins.sieve(twins.ways).left(case, got, 1.0)


def test_each_list_of_ways_has_a_sieve_of_its_own(twins: Twins) -> None:
    few = twins.ways[:3]
    sieve = twins.sieve(few)
    assert isinstance(sieve, Sieve)
    assert sieve is twins.sieve(few) is not twins.sieve(twins.ways)
    assert sieve.ways is few


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ([1.0, 2.0], [1.0, 2.0 + 1e-10], True),
        ([1.0, 2.0], [1.0, 2.1], False),
        ([1.1, 2.0], [1.0, 2.0], False),  # the last number does not always tell
        ([3e12, 1.0], [3e12 + 1, 1.0], True),  # large numbers, relatively
        ([3e12, 1.0], [3.1e12, 1.0], False),
        ([math.nan, 1.0], [math.nan, 1.0], True),
        ([math.nan, 1.0], [1.0, 1.0], False),
        ([1.0, 1.0], [math.nan, 1.0], False),
        ([math.inf, 1.0], [1.0, 1.0], False),
        ([], [], True),
        ([1.0], [1.0, 1.0], False),
    ],
)
def test_what_is_equal(left: list[float], right: list[float], same: bool) -> None:
    assert equal(np.array(left), np.array(right), 1e-9) is same
