"""The perceptron: the gates of the book, the rule against a plain loop, the bound on its mistakes, and clear errors."""

import numpy as np
import pytest

from dlblocks.checks import ShapeError
from dlblocks.perceptron import perceptron, perceptron_train, perceptron_update

POINTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
GATES = {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "XOR": [0, 1, 1, 0]}


def plain_rule(x, target, weight, bias, lr, sweeps):
    """The rule in Python numbers: every (sweep, row, weights, bias) after a mistake."""
    weight, found = list(weight), []
    for sweep in range(1, sweeps + 1):
        mistakes = 0
        for row, (point, t) in enumerate(zip(x, target)):
            fires = sum(a * w for a, w in zip(point, weight)) + bias > 0
            if fires != bool(t):
                sign = 1 if t else -1
                weight, bias, mistakes = [w + lr * sign * a for a, w in zip(point, weight)], bias + lr * sign, mistakes + 1
                found.append((sweep, row, sign, weight, bias))
        if not mistakes:
            break
    return found


def test_the_sum_has_to_be_above_zero():
    assert perceptron([1, 2, 3], [2, -1, 1], -2) == 1
    assert perceptron([1, 2, 3], [2, -1, 1], -3) == 0
    assert perceptron(np.zeros((4, 5, 3)), np.zeros(3), 0).shape == (4, 5)


@pytest.mark.parametrize("gate, weight, bias, count", [("AND", [2, 1], -2, 10), ("OR", [1, 1], 0, 4)])
def test_the_gates_of_the_book(gate, weight, bias, count):
    *found, updates = perceptron_train(POINTS, GATES[gate])
    assert (found[0].tolist(), found[1], len(updates)) == (weight, bias, count)
    np.testing.assert_array_equal(perceptron(POINTS, *found), GATES[gate])
    assert perceptron_train(POINTS, GATES[gate], *found)[2] == []


def test_xor_goes_round_in_a_circle():
    updates = perceptron_train(POINTS, GATES["XOR"], sweeps=50)[2]
    ends = {u.sweep: (*u.weight, u.bias) for u in updates}
    assert ends[1] == (-1, 0, 0) and all(ends[sweep] == (-1, 0, 1) for sweep in range(2, 51))


@pytest.mark.parametrize("lr", [1, 0.25])
@pytest.mark.parametrize("seed", range(5))
def test_against_a_plain_loop(seed, lr):
    rng = np.random.default_rng(seed)
    x, target = rng.integers(-3, 4, (7, 3)), rng.integers(0, 2, 7)
    start = rng.integers(-2, 3, 3), float(rng.integers(-2, 3))
    updates = perceptron_train(x, target, *start, lr=lr, sweeps=9)[2]
    assert [(u.sweep, u.row, u.error, u.weight.tolist(), u.bias) for u in updates] == plain_rule(x.tolist(), target, *start, lr, 9)


@pytest.mark.parametrize("seed", range(20))
def test_novikoff_bounds_the_number_of_mistakes(seed):
    rng = np.random.default_rng(seed)
    x, teacher = rng.standard_normal((30, 4)), rng.standard_normal(5)
    lifted = np.hstack([x, np.ones((30, 1))])
    margin = np.abs(lifted @ teacher).min() / np.linalg.norm(teacher)
    weight, bias, updates = perceptron_train(x, (lifted @ teacher > 0).astype(int), sweeps=10**5)
    assert len(updates) <= (lifted**2).sum(axis=1).max() / margin**2
    np.testing.assert_array_equal(perceptron(x, weight, bias), lifted @ teacher > 0)


def test_inputs_stay_untouched_and_float32_stays_float32():
    x, weight, bias = POINTS.astype(np.float32), np.zeros(2, np.float32), np.float32(0)
    new_weight, new_bias, updates = perceptron_train(x, GATES["OR"], weight, bias)
    assert not weight.any() and updates[0].weight is not updates[1].weight
    for array in (new_weight, new_bias, perceptron(x, weight, bias), *perceptron_train(x, GATES["OR"])[:2], *perceptron_update(x[1], 1, weight, bias)):
        assert array.dtype == np.float32


@pytest.mark.parametrize("call, error, message", [
    (lambda: perceptron(POINTS, [1, 1, 1], 0), ShapeError, r"perceptron: weight axis 0 \(I\) is 3, but x axis 1 \(I\) is 2"),
    (lambda: perceptron(POINTS, [1, 1], [0]), ShapeError, "perceptron: bias has 1 axes, expected 0"),
    (lambda: perceptron(["a", "b"], [1, 1], 0), TypeError, "perceptron: x must hold real numbers"),
    (lambda: perceptron_update([0, 1], -1, [0, 0], 0), ValueError, r"perceptron_update: target must hold 1 \(fire\) or 0 .* got -1"),
    (lambda: perceptron_update([0, 1], 1, [0, 0], 0, lr="1"), TypeError, "perceptron_update: lr must be a number, got '1'"),
    (lambda: perceptron_train(POINTS, [-1, 1, 1, 1]), ValueError, "perceptron_train: target must hold 1 .* got -1"),
    (lambda: perceptron_train(POINTS, np.ones((4, 1))), ShapeError, r"perceptron_train: target has 2 axes, expected 1 axes \(N\)"),
    (lambda: perceptron_train(POINTS, [0, 1, 1]), ShapeError, r"perceptron_train: target axis 0 \(N\) is 3, but x axis 0 \(N\) is 4"),
    (lambda: perceptron_train(POINTS, [0, 1, 1, 1], sweeps=0), ValueError, "perceptron_train: sweeps must be at least 1, got 0"),
    (lambda: perceptron_train(POINTS, [0, 1, 1, 1], lr=-1), ValueError, "perceptron_train: lr must be at least 0, got -1"),
    (lambda: perceptron_train(np.zeros((0, 2)), []), ShapeError, "perceptron_train: x has an axis of length 0"),
])
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()
