"""Recurrent layers, forward: the plain, the LSTM and the GRU cell, and each along a sequence. Gradients: recurrent_backward.py."""

import numpy as np

from dlblocks.checks import as_floats, check_shapes


def rnn_cell(x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """One step of a plain recurrent layer: the new ``h = tanh(x @ weight_ih + bias_ih + h @ weight_hh + bias_hh)``.

    Shapes: x: N I, h: N H | None, weight_ih: I H, weight_hh: H H, bias_ih: H | None, bias_hh: H | None; returns N H.
    Without N, one vector each; h None is zeros. Raises ShapeError if the shapes do not fit.
    Source: Elman (1990).

    >>> rnn_cell([1, 2], [3], weight_ih=[[1], [1]], weight_hh=[[-1]])  # tanh(1 + 2 - 3)
    array([0.])
    """
    N = "" if as_floats("x", x).ndim == 1 else "N "
    x, h, weight_ih, weight_hh, bias_ih, bias_hh = check_shapes(
        f"x: {N}I, h: {N}H | None, weight_ih: I H, weight_hh: H H, bias_ih: H | None, bias_hh: H | None",
        x=x, h=h, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh)
    return rnn_step(add_bias(x @ weight_ih, total(bias_ih, bias_hh)), state_or_zeros(h, x, weight_hh), weight_hh)[0]


def rnn(x, h0, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """`rnn_cell` along a sequence: all hidden states, and the last one.

    Shapes: x: N T I, h0: N H | None, weight_ih: I H, weight_hh: H H, bias_ih: H | None, bias_hh: H | None;
    returns hs: N T H, h: N H. h0 None is zeros. Raises ShapeError if the shapes do not fit.

    >>> hs, h = rnn([[[3], [0]]], [[3]], weight_ih=[[1]], weight_hh=[[-1]])
    >>> hs
    array([[[0.],
            [0.]]])
    """
    x, h0, weight_ih, weight_hh, bias_ih, bias_hh = check_shapes(
        "x: N T I, h0: N H | None, weight_ih: I H, weight_hh: H H, bias_ih: H | None, bias_hh: H | None",
        x=x, h0=h0, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh)
    (hs,), (h,), _ = unroll(rnn_step, x, (h0,), weight_ih, weight_hh, total(bias_ih, bias_hh))
    return hs.swapaxes(0, 1), h


def lstm_cell(x, h, c, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """One step of a long short-term memory: ``c = f c + i g``, ``h = o tanh(c)``, the gates in the order i f g o.

    ``i = sigmoid(x @ W_ii + b_ii + h @ W_hi + b_hi)``, f and o likewise, g likewise with tanh (input, forget, new, output).
    Shapes: x: N I, h: N H | None, c: N H | None, weight_ih: I 4*H, weight_hh: H 4*H, bias_ih: 4*H | None, bias_hh: 4*H | None;
    returns (h, c), N H each. Without N, one vector each; h or c None is zeros. Raises ShapeError if the shapes do not fit.
    Source: Hochreiter and Schmidhuber (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000).

    Weights of 0 open each gate by sigmoid(0) = 1/2 and make g = 0:

    >>> h, c = lstm_cell([1], [1], [4], weight_ih=[[0, 0, 0, 0]], weight_hh=[[0, 0, 0, 0]])
    >>> c, h.round(4)  # 1/2 * 4 + 1/2 * 0, and 1/2 * tanh(2)
    (array([2.]), array([0.482]))
    """
    N = "" if as_floats("x", x).ndim == 1 else "N "
    x, h, c, weight_ih, weight_hh, bias_ih, bias_hh = check_shapes(
        f"x: {N}I, h: {N}H | None, c: {N}H | None, weight_ih: I 4*H, weight_hh: H 4*H, bias_ih: 4*H | None, bias_hh: 4*H | None",
        x=x, h=h, c=c, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh)
    state = state_or_zeros(h, x, weight_hh), state_or_zeros(c, x, weight_hh)
    return lstm_step(add_bias(x @ weight_ih, total(bias_ih, bias_hh)), *state, weight_hh, lstm_scale(weight_hh))


def lstm(x, h0, c0, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """`lstm_cell` along a sequence: all hidden states hs, and the last state (h, c).

    Shapes: x: N T I, h0: N H | None, c0: N H | None, weight_ih: I 4*H, weight_hh: H 4*H, bias_ih: 4*H | None, bias_hh: 4*H | None;
    returns hs: N T H, (h: N H, c: N H). h0 or c0 None is zeros. Raises ShapeError if the shapes do not fit.

    >>> hs, (h, c) = lstm([[[1], [1]]], None, [[4]], weight_ih=[[0, 0, 0, 0]], weight_hh=[[0, 0, 0, 0]])
    >>> c  # 1/2 * 1/2 * 4
    array([[1.]])
    """
    x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh = check_shapes(
        "x: N T I, h0: N H | None, c0: N H | None, weight_ih: I 4*H, weight_hh: H 4*H, bias_ih: 4*H | None, bias_hh: 4*H | None",
        x=x, h0=h0, c0=c0, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh)
    (hs, _), (h, c), _ = unroll(lstm_step, x, (h0, c0), weight_ih, weight_hh, total(bias_ih, bias_hh), lstm_scale(weight_hh))
    return hs.swapaxes(0, 1), (h, c)


def gru_cell(x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None, reset_after=True):
    """One step of a gated recurrent unit: the new ``h = (1 - z) n + z h``, the gates in the order r z n.

    ``r = sigmoid(x @ W_ir + b_ir + h @ W_hr + b_hr)``, z likewise, ``n = tanh(x @ W_in + b_in + r * (h @ W_hn + b_hn))``
    (reset, update, new); with ``reset_after=False`` ``n = tanh(x @ W_in + b_in + (r * h) @ W_hn + b_hn)``.
    Shapes: x: N I, h: N H | None, weight_ih: I 3*H, weight_hh: H 3*H, bias_ih: 3*H | None, bias_hh: 3*H | None; returns N H.
    Without N, one vector each; h None is zeros. Raises ShapeError if the shapes do not fit.
    Source: Cho et al. (2014), equations 5 to 8, which reset before; PyTorch resets after.

    Here r and z are sigmoid(0) = 1/2, n is tanh(-1 + 1/2 * 2) = 0, and the new h is 1/2 * 0 + 1/2 * 2:

    >>> gru_cell([1], [2], weight_ih=[[0, 0, -1]], weight_hh=[[0, 0, 1]])
    array([1.])
    """
    N = "" if as_floats("x", x).ndim == 1 else "N "
    x, h, weight_ih, weight_hh, bias_ih, bias_hh = check_shapes(
        f"x: {N}I, h: {N}H | None, weight_ih: I 3*H, weight_hh: H 3*H, bias_ih: 3*H | None, bias_hh: 3*H | None",
        x=x, h=h, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh)
    return gru_step(add_bias(x @ weight_ih, bias_ih), state_or_zeros(h, x, weight_hh), weight_hh, bias_hh, reset_after)[0]


def gru(x, h0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, reset_after=True):
    """`gru_cell` along a sequence: all hidden states, and the last one.

    Shapes: x: N T I, h0: N H | None, weight_ih: I 3*H, weight_hh: H 3*H, bias_ih: 3*H | None, bias_hh: 3*H | None;
    returns hs: N T H, h: N H. h0 None is zeros. Raises ShapeError if the shapes do not fit.

    >>> hs, h = gru([[[1], [0.5]]], [[2]], weight_ih=[[0, 0, -1]], weight_hh=[[0, 0, 1]])
    >>> hs  # the step of `gru_cell`, then 1/2 * tanh(-0.5 + 1/2 * 1) + 1/2 * 1
    array([[[1. ],
            [0.5]]])
    """
    x, h0, weight_ih, weight_hh, bias_ih, bias_hh = check_shapes(
        "x: N T I, h0: N H | None, weight_ih: I 3*H, weight_hh: H 3*H, bias_ih: 3*H | None, bias_hh: 3*H | None",
        x=x, h0=h0, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh)
    (hs,), (h,), _ = unroll(gru_step, x, (h0,), weight_ih, weight_hh, bias_ih, bias_hh, reset_after)
    return hs.swapaxes(0, 1), h


# One step each: ``gates`` comes with the input's share of the sums and leaves with the gates' values; returns the new state.
def rnn_step(gates, h, weight_hh):
    gates += h @ weight_hh
    return np.tanh(gates, out=gates),


def lstm_step(gates, h, c, weight_hh, scale):
    gates += h @ weight_hh
    gates *= scale
    np.tanh(gates, out=gates)
    gates *= scale
    gates += 1 - scale
    i, f, g, o = split(gates, 4)
    c = f * c + i * g
    return o * np.tanh(c), c


def lstm_scale(weight_hh):
    """One tanh serves all gates: ``scale * tanh(scale * s) + 1 - scale`` is sigmoid(s) if scale is 1/2 (i f o), tanh(s) if it is 1 (g)."""
    return np.repeat(np.array([0.5, 0.5, 1, 0.5], weight_hh.dtype), len(weight_hh))


def gru_step(gates, h, weight_hh, bias_hh, reset_after):
    r, z, n = split(gates, 3)
    rz, size = gates[..., :2 * h.shape[-1]], 2 * h.shape[-1]
    if reset_after:
        share = add_bias(h @ weight_hh, bias_hh)
        rz += share[..., :size]
        sigmoid_in_place(rz)
        n += r * share[..., size:]
    else:
        bias_rz, bias_n = (None, None) if bias_hh is None else (bias_hh[:size], bias_hh[size:])
        rz += add_bias(h @ weight_hh[:, :size], bias_rz)
        sigmoid_in_place(rz)
        n += add_bias((r * h) @ weight_hh[:, size:], bias_n)
    np.tanh(n, out=n)
    return n + z * (h - n),


def unroll(step, x, state, weight_ih, weight_hh, bias, *options):
    """Run ``step`` along x: each part of the state at all times (T N H), the last state, the gates' values at all times (T N G).

    One large product serves the inputs of all times. Time comes first here, so that what a step works on lies together in memory.
    """
    x = x.swapaxes(0, 1)
    gates = add_bias(x.reshape(-1, x.shape[-1]) @ weight_ih, bias).reshape(*x.shape[:2], -1)
    state = tuple(state_or_zeros(part, x[0], weight_hh) for part in state)
    states = tuple(np.empty((*x.shape[:2], len(weight_hh)), gates.dtype) for _ in state)
    for t in range(len(x)):
        state = step(gates[t], *state, weight_hh, *options)
        for all_times, now in zip(states, state):
            all_times[t] = now
    return states, state, gates


def state_or_zeros(state, x, weight_hh):
    return np.zeros((*x.shape[:-1], len(weight_hh)), x.dtype) if state is None else state


def split(gates, count):
    """The gates, as views of equal width."""
    size = gates.shape[-1] // count
    return [gates[..., k * size:(k + 1) * size] for k in range(count)]


def add_bias(y, bias):
    """Add a bias, if there is one, to an array of our own."""
    return y if bias is None else np.add(y, bias, out=y)


def total(a, b):
    return b if a is None else a if b is None else a + b


def sigmoid_in_place(x):
    """``1 / (1 + exp(-x))`` written as ``(1 + tanh(x / 2)) / 2``, which cannot overflow."""
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    x += 0.5
