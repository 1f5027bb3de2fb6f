"""What the table of cases does not say about losses."""

import numpy as np
import pytest

from cases import draw
from dlblocks.losses import (binary_cross_entropy, binary_cross_entropy_backward, binary_cross_entropy_with_logits,
                             binary_cross_entropy_with_logits_backward, cross_entropy, cross_entropy_backward, mse_loss, mse_loss_backward,
                             nll_loss, nll_loss_backward)
from dlblocks.softmax import log_softmax, softmax

NARROW = np.float32([[1, 2, 3], [4, 6, 5]])


def test_cross_entropy_is_the_likelihood_of_the_softmax_and_its_gradient_p_minus_y():
    x, target = draw(5, 3), np.array([0, 2, 1, 1, 2])
    assert np.isclose(cross_entropy(x, target), nll_loss(log_softmax(x), target), rtol=1e-14)
    np.testing.assert_allclose(5 * cross_entropy_backward(1, x, target), softmax(x) - np.eye(3)[target], rtol=1e-13)


def test_shares_that_are_sure_of_a_class_cost_what_its_id_costs():
    x, target = draw(5, 3), np.array([0, 2, 1, 1, 2])
    assert np.isclose(cross_entropy(x, np.eye(3)[target], label_smoothing=0.2), cross_entropy(x, target, label_smoothing=0.2), rtol=1e-14)


def test_huge_logits_cost_what_they_are_off():
    assert cross_entropy([[1e4, 0.0]], [1]) == 1e4 and cross_entropy([[1e4, 0.0]], [0]) == 0
    assert binary_cross_entropy_with_logits([1e4, -1e4], [0, 1], reduction="sum") == 2e4


def test_a_class_that_is_ruled_out_costs_nothing_elsewhere():
    assert nll_loss(np.array([[0.0, -np.inf]]), [0]) == 0
    assert nll_loss(np.array([[-np.inf, 0.0], [-1.0, -np.inf]]), [-100, 0]) == 1
    assert cross_entropy(np.array([[0.0, -np.inf]]), [0]) == 0
    assert cross_entropy_backward(1, np.array([[0.0, -np.inf]]), [0]).tolist() == [[0, 0]]


def test_a_wrong_certainty_costs_100_as_in_pytorch():
    assert binary_cross_entropy([0.0, 1.0], [1, 0], reduction="none").tolist() == [100, 100]


def test_pos_weight_repeats_the_positive_examples():
    x = np.array([0.5, -1.0])
    assert np.isclose(binary_cross_entropy_with_logits(x, [1, 0], reduction="sum", pos_weight=3),
                      binary_cross_entropy_with_logits([0.5, 0.5, 0.5, -1.0], [1, 1, 1, 0], reduction="sum"), rtol=1e-14)


@pytest.mark.parametrize("f, f_backward, x, target, options", [
    (mse_loss, mse_loss_backward, NARROW, NARROW.astype(float), {}),
    (nll_loss, nll_loss_backward, NARROW, [0, 1], {"weight": [1, 2, 3]}),
    (cross_entropy, cross_entropy_backward, NARROW, [0, 1], {"weight": [1, 2, 3], "label_smoothing": 0.1}),
    (cross_entropy, cross_entropy_backward, NARROW, softmax(NARROW).astype(float), {}),
    (binary_cross_entropy, binary_cross_entropy_backward, NARROW / 8, [[0, 1, 0], [1, 0, 1]], {"weight": NARROW.astype(float)}),
    (binary_cross_entropy_with_logits, binary_cross_entropy_with_logits_backward, NARROW, [[0, 1, 0], [1, 0, 1]],
     {"pos_weight": [1, 2, 3]}),
])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_the_dtype_of_x_decides_whatever_targets_weights_and_dy_are(f, f_backward, x, target, options, reduction):
    y = f(x, target, reduction=reduction, **options)
    assert y.dtype == np.float32
    assert f_backward(np.ones(y.shape), x, target, reduction=reduction, **options).dtype == np.float32


@pytest.mark.parametrize("f, x, target", [(mse_loss, draw(3), draw(3)), (nll_loss, draw(2, 3), [0, 1]), (cross_entropy, draw(2, 3), [0, 1]),
                                          (cross_entropy, draw(3), 1)])
def test_a_reduced_loss_is_one_number(f, x, target):
    for reduction in ("mean", "sum"):
        assert isinstance(f(x, target, reduction=reduction), np.float64)
