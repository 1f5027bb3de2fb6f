import numpy as np

from cases import BadCall, Case, draw, extreme
from dlblocks.checks import ShapeError
from dlblocks.recurrent import gru, gru_cell, lstm, lstm_cell, rnn, rnn_cell
from dlblocks.recurrent_backward import gru_backward, gru_cell_backward, lstm_backward, lstm_cell_backward, rnn_backward, rnn_cell_backward


def transposed(weight_ih, weight_hh, bias_ih, bias_hh):
    """The parameters in PyTorch's layout, whose biases come together or not at all: a missing one is zeros."""
    zeros = weight_ih.new_zeros(weight_ih.shape[1])
    return weight_ih.T, weight_hh.T, zeros if bias_ih is None else bias_ih, zeros if bias_hh is None else bias_hh


def state(x, h, weight_hh):
    return x.new_zeros(*x.shape[:-1], len(weight_hh)) if h is None else h


def torch_rnn_cell(x, h, *parameters):
    import torch
    if x.ndim == 1:  # what torch.nn.RNNCell does for one vector
        return torch_rnn_cell(x[None], None if h is None else h[None], *parameters)[0]
    return torch.rnn_tanh_cell(x, state(x, h, parameters[1]), *transposed(*parameters))


def torch_lstm_cell(x, h, c, *parameters):
    import torch
    if x.ndim == 1:
        h, c = torch_lstm_cell(x[None], *(None if part is None else part[None] for part in (h, c)), *parameters)
        return h[0], c[0]
    return torch.lstm_cell(x, (state(x, h, parameters[1]), state(x, c, parameters[1])), *transposed(*parameters))


def torch_gru_cell(x, h, *parameters, reset_after=True):
    import torch
    if x.ndim == 1:
        return torch_gru_cell(x[None], None if h is None else h[None], *parameters, reset_after=reset_after)[0]
    h = state(x, h, parameters[1])
    if reset_after:
        return torch.gru_cell(x, h, *transposed(*parameters))
    weight_ih, weight_hh, bias_ih, bias_hh = transposed(*parameters)  # PyTorch has no such cell: the formula in its operations
    (ir, iz, i_n), (hr, hz, hn) = (x @ weight_ih.T + bias_ih).chunk(3, -1), weight_hh.chunk(3)
    br, bz, bn = bias_hh.chunk(3)
    r, z = torch.sigmoid(ir + h @ hr.T + br), torch.sigmoid(iz + h @ hz.T + bz)
    return (1 - z) * torch.tanh(i_n + (r * h) @ hn.T + bn) + z * h


def torch_rnn(x, h, *parameters):
    import torch
    hs, h = torch.rnn_tanh(x, state(x[:, 0], h, parameters[1])[None], transposed(*parameters), True, 1, 0.0, True, False, True)
    return hs, h[0]


def torch_lstm(x, h, c, *parameters):
    import torch
    first = [state(x[:, 0], part, parameters[1])[None] for part in (h, c)]
    hs, h, c = torch.lstm(x, first, transposed(*parameters), True, 1, 0.0, True, False, True)
    return hs, (h[0], c[0])


def torch_gru(x, h, *parameters, reset_after=True):
    import torch
    if reset_after:
        hs, h = torch.gru(x, state(x[:, 0], h, parameters[1])[None], transposed(*parameters), True, 1, 0.0, True, False, True)
        return hs, h[0]
    hs = []
    for now in x.unbind(1):
        h = torch_gru_cell(now, h, *parameters, reset_after=False)
        hs.append(h)
    return torch.stack(hs, 1), h


def parameters(I, H, gates, bias_ih=True, bias_hh=True, make=draw):
    return (make(I, gates * H, seed=1), make(H, gates * H, seed=2),
            make(gates * H, seed=3) if bias_ih else None, make(gates * H, seed=4) if bias_hh else None)


def cases_of(cell, cell_backward, torch_cell, sequence, sequence_backward, torch_sequence, gates, states=1, **options):
    def states_of(*shape, make=draw):
        return tuple(make(*shape, seed=10 + k) for k in range(states))

    none, note = (None,) * states, ", reset before" if options else ""
    cells = {
        "batch": (draw(4, 3), *states_of(4, 5), *parameters(3, 5, gates)),
        "one vector": (draw(3), *states_of(5), *parameters(3, 5, gates)),
        "no state": (draw(4, 3), *none, *parameters(3, 5, gates)),
        "one vector, no state": (draw(3), *none, *parameters(3, 5, gates)),
        "no bias": (draw(4, 3), *states_of(4, 2), *parameters(3, 2, gates, False, False)),
        "size-1 axes": (draw(1, 1), *states_of(1, 1), *parameters(1, 1, gates)),
        "large": (extreme(4, 3), *states_of(4, 5, make=extreme), *parameters(3, 5, gates, make=extreme)),
    }
    sequences = {
        "batch": (draw(4, 6, 3), *states_of(4, 5), *parameters(3, 5, gates)),
        "no state": (draw(2, 3, 3), *none, *parameters(3, 2, gates)),
        "no bias": (draw(2, 3, 3), *states_of(2, 4), *parameters(3, 4, gates, False, False)),
        "only the input's bias": (draw(2, 3, 3), *states_of(2, 4), *parameters(3, 4, gates, True, False)),
        "only the state's bias": (draw(2, 3, 3), *states_of(2, 4), *parameters(3, 4, gates, False, True)),
        "one step": (draw(3, 1, 2), *states_of(3, 2), *parameters(2, 2, gates)),
        "size-1 axes": (draw(1, 1, 1), *states_of(1, 1), *parameters(1, 1, gates)),
        "long": (draw(2, 30, 1), *states_of(2, 3), *parameters(1, 3, gates)),
        "large": (extreme(2, 4, 3), *states_of(2, 5, make=extreme), *parameters(3, 5, gates, make=extreme)),
    }
    return [Case(f"{f.__name__} {case}{note}", f, f_backward, inputs, reference, options, smooth=case != "large")
            for f, f_backward, reference, table in [(cell, cell_backward, torch_cell, cells),
                                                    (sequence, sequence_backward, torch_sequence, sequences)]
            for case, inputs in table.items()]


CASES = [
    *cases_of(rnn_cell, rnn_cell_backward, torch_rnn_cell, rnn, rnn_backward, torch_rnn, gates=1),
    *cases_of(lstm_cell, lstm_cell_backward, torch_lstm_cell, lstm, lstm_backward, torch_lstm, gates=4, states=2),
    *cases_of(gru_cell, gru_cell_backward, torch_gru_cell, gru, gru_backward, torch_gru, gates=3),
    *cases_of(gru_cell, gru_cell_backward, torch_gru_cell, gru, gru_backward, torch_gru, gates=3, reset_after=False),
]

ONE = [[1, 2, 3]], [[4, 5, 6]]  # a GRU's weights for one input and one hidden unit
HS = [[[0]]], [[0]]

BAD_CALLS = [
    BadCall(lambda: gru_cell([1, 2], [2], *ONE), ShapeError, r"gru_cell: weight_ih axis 0 \(I\) is 1, but x axis 0 \(I\) is 2"),
    BadCall(lambda: gru_cell([[1]], [2], *ONE), ShapeError, r"gru_cell: h has 1 axes, expected 2 axes \(N H\)"),
    BadCall(lambda: gru_cell([1], [[2]], *ONE), ShapeError, r"gru_cell: h has 2 axes, expected 1 axes \(H\)"),
    BadCall(lambda: gru_cell([[[1]]], None, *ONE), ShapeError, r"gru_cell: x has 3 axes, expected 2 axes \(N I\)"),
    BadCall(lambda: gru_cell(1, None, *ONE), ShapeError, r"gru_cell: x has 0 axes, expected 2 axes"),
    BadCall(lambda: gru_cell([[1], [1, 2]], None, *ONE), ShapeError, r"gru_cell: x is not a rectangular array"),
    BadCall(lambda: gru_cell([1], None, [[1, 2]], [[1, 2]]), ShapeError, r"gru_cell: weight_ih axis 1 \(3\*H\) is 2, not a multiple of 3"),
    BadCall(lambda: gru_cell([1], None, *ONE, [1]), ShapeError, r"gru_cell: bias_ih axis 0 \(3\*H\) is 1, but H is 1 by weight_ih axis 1"),
    BadCall(lambda: gru([[1, 2, 3]], None, *ONE), ShapeError, r"gru: x has 2 axes, expected 3 axes \(N T I\)"),
    BadCall(lambda: gru([[[1]]], [[[0]]], *ONE), ShapeError, r"gru: h0 has 3 axes, expected 2 axes \(N H\)"),
    BadCall(lambda: gru([[[1]], [[1]]], [[0]], *ONE), ShapeError, r"gru: h0 axis 0 \(N\) is 1, but x axis 0 \(N\) is 2"),
    BadCall(lambda: gru(np.zeros((1, 0, 1)), None, *ONE), ShapeError, r"gru: x has an axis of length 0"),
    BadCall(lambda: gru([[["a"]]], None, *ONE), TypeError, r"gru: x must hold real numbers"),
    BadCall(lambda: gru_backward([[[0]]], [[[1]]], None, *ONE), TypeError, r"gru_backward: dy must be a pair \(dhs, dh\), got list"),
    BadCall(lambda: gru_backward(HS, [[[1], [1]]], None, *ONE), ShapeError, r"gru_backward: dhs axis 1 \(T\) is 1, but x axis 1"),
    BadCall(lambda: gru_cell_backward([[0]], [1], None, *ONE), ShapeError, r"gru_cell_backward: dy has 2 axes, expected 1 axes \(H\)"),
    BadCall(lambda: rnn_cell([1], [1, 2], [[1]], [[1]]), ShapeError, r"rnn_cell: weight_ih axis 1 \(H\) is 1, but h axis 0 \(H\) is 2"),
    BadCall(lambda: rnn([[[1]]], None, [[1, 2]], [[1, 2]]), ShapeError, r"rnn: weight_hh axis 0 \(H\) is 1, but weight_ih axis 1"),
    BadCall(lambda: rnn_backward(HS[0], [[[1]]], None, [[1]], [[1]]), TypeError, r"rnn_backward: dy must be a pair"),
    BadCall(lambda: rnn_cell_backward([1, 2], [1], None, [[1]], [[1]]), ShapeError, r"rnn_cell_backward: dy axis 0 \(H\) is 2"),
    BadCall(lambda: lstm_cell([1], None, [1, 2], [[1] * 4], [[1] * 4]), ShapeError, r"lstm_cell: weight_ih axis 1 .* is 4, but H is 2"),
    BadCall(lambda: lstm([[[1]]], None, None, *ONE), ShapeError, r"lstm: weight_ih axis 1 \(4\*H\) is 3, not a multiple of 4"),
    BadCall(lambda: lstm_backward(HS, [[[1]]], None, None, [[1] * 4], [[1] * 4]), TypeError, r"lstm_backward: dy\[1\] must be a pair"),
    BadCall(lambda: lstm_cell_backward([1], [1], None, None, [[1] * 4], [[1] * 4]), TypeError, r"lstm_cell_backward: dy must be a pair"),
]
