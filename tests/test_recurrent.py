"""What the table of cases does not say about recurrent layers."""

import numpy as np
import pytest

from cases import draw
from dlblocks.recurrent import gru, gru_cell, lstm, lstm_cell, rnn, rnn_cell

LAYERS = pytest.mark.parametrize("sequence, cell, gates, states", [(rnn, rnn_cell, 1, 1), (lstm, lstm_cell, 4, 2), (gru, gru_cell, 3, 1)])


@LAYERS
def test_a_sequence_is_its_cell_step_by_step(sequence, cell, gates, states):
    x, weights = draw(2, 5, 3), (draw(3, gates * 4), draw(4, gates * 4), draw(gates * 4, seed=1), draw(gates * 4, seed=2))
    hs, last = sequence(x, *[None] * states, *weights)
    state = (np.zeros((2, 4)),) * states
    for t in range(5):
        state = cell(x[:, t], *state, *weights)
        state = state if isinstance(state, tuple) else (state,)
        np.testing.assert_allclose(hs[:, t], state[0], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(np.stack(last if states == 2 else (last,)), np.stack(state), rtol=1e-12, atol=1e-12)


@LAYERS
def test_the_last_state_is_an_array_of_its_own(sequence, cell, gates, states):
    hs, last = sequence(draw(2, 5, 3), *[None] * states, draw(3, gates * 4), draw(4, gates * 4))
    (last[0] if states == 2 else last)[...] = 7
    assert not (hs == 7).any()


def test_reset_before_and_after_agree_where_the_reset_gate_is_open_and_differ_elsewhere():
    x, h, weight_ih, weight_hh = draw(2, 3), draw(2, 4), draw(3, 12), draw(4, 12)
    open_reset = np.array([50.0] * 4 + [0.0] * 8)  # sigmoid(50) is 1 to the last digit
    after, before = (gru_cell(x, h, weight_ih, weight_hh, open_reset, reset_after=after) for after in (True, False))
    np.testing.assert_allclose(after, before, rtol=1e-12)
    after, before = (gru_cell(x, h, weight_ih, weight_hh, reset_after=after) for after in (True, False))
    assert np.abs(after - before).max() > 1e-3


def test_the_other_convention_is_a_negated_update_gate():
    """h = (1 - z) h + z n, as the first paper's readers often write it."""
    x, h, weight_ih, weight_hh = draw(2, 3), draw(2, 4), draw(3, 12), draw(4, 12)
    sums_x, sums_h = np.split(x @ weight_ih, 3, axis=1), np.split(h @ weight_hh, 3, axis=1)
    r, z = (1 / (1 + np.exp(-a - b)) for a, b in zip(sums_x[:2], sums_h[:2]))
    other = (1 - z) * h + z * np.tanh(sums_x[2] + r * sums_h[2])
    negate = np.repeat([1.0, -1.0, 1.0], 4)
    np.testing.assert_allclose(gru_cell(x, h, weight_ih * negate, weight_hh * negate), other, rtol=1e-12)
