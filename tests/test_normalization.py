"""What the table of cases does not say about normalization."""

import numpy as np

from cases import draw
from dlblocks.normalization import batch_norm, layer_norm


def test_two_rows_become_minus_one_and_one():
    y = batch_norm(draw(2, 10), np.ones(10), np.zeros(10))
    np.testing.assert_allclose(np.abs(y[:, 1:7]), 1, rtol=1e-2)
    np.testing.assert_allclose(y[0], -y[1])


def test_every_channel_has_mean_0_and_variance_1_and_so_has_every_row():
    y = batch_norm(draw(4, 3, 5, 2), np.ones(3), np.zeros(3), eps=0)
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-15)
    np.testing.assert_allclose(y.var(axis=(0, 2, 3)), 1)
    y = layer_norm(draw(4, 6), np.ones(6), np.zeros(6), eps=0)
    np.testing.assert_allclose(y.mean(axis=1), 0, atol=1e-15)
    np.testing.assert_allclose(y.var(axis=1), 1)


def test_running_statistics_are_read_only_and_make_rows_independent():
    mean, var, x = draw(3), np.abs(draw(3)) + 1, draw(4, 3)
    before = mean.copy(), var.copy()
    y = batch_norm(x, np.ones(3), np.zeros(3), mean, var)
    assert np.array_equal(mean, before[0]) and np.array_equal(var, before[1])
    np.testing.assert_allclose(batch_norm(x[1:2], np.ones(3), np.zeros(3), mean, var), y[1:2], rtol=1e-15)


def test_a_large_mean_costs_single_precision_little():
    x = (1e4 + draw(64, 3)).astype(np.float32)
    exact = batch_norm(x.astype(float), np.ones(3), np.zeros(3))
    np.testing.assert_allclose(batch_norm(x, np.ones(3, np.float32), np.zeros(3, np.float32)), exact, atol=5e-3)
