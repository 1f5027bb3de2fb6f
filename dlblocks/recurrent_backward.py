"""Recurrent layers, backward: the gradients of each cell, and back-propagation through time."""

import numpy as np

from dlblocks.checks import as_floats, check_shapes
from dlblocks.linear import linear_backward
from dlblocks.recurrent import add_bias, gru_step, lstm_scale, lstm_step, rnn_step, split, total, unroll


def rnn_cell_backward(dy, x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """Gradients of `rnn_cell`: those of `rnn` for a sequence of length one.

    Shapes: dy: N H, x: N I, h: N H | None, weight_ih: I H, weight_hh: H H, bias_ih: H | None, bias_hh: H | None;
    returns (dx, dh, dweight_ih, dweight_hh, dbias_ih, dbias_hh), None for what was None. Raises ShapeError if the shapes do not fit.

    >>> dx, dh, *_ = rnn_cell_backward([1], [1, 2], [3], weight_ih=[[1], [1]], weight_hh=[[-1]])
    >>> dx, dh  # the slope of tanh at 0 is 1
    (array([1., 1.]), array([-1.]))
    """
    N = "" if as_floats("x", x).ndim == 1 else "N "
    x, h, weight_ih, weight_hh, bias_ih, bias_hh, dy = check_shapes(
        f"x: {N}I, h: {N}H | None, weight_ih: I H, weight_hh: H H, bias_ih: H | None, bias_hh: H | None, dy: {N}H",
        x=x, h=h, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh, dy=dy)
    return one_step(rnn_through_time, (dy,), x, (h,), weight_ih, weight_hh, bias_ih, bias_hh)


def rnn_backward(dy, x, h0, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """Gradients of `rnn` by back-propagation through time; dy is the pair (dhs, dh).

    From the last time to the first, the sum inside tanh gets ``ds = dh (1 - h^2)``, the state before it ``ds @ weight_hh.T``.
    Shapes: dhs: N T H, dh: N H, x: N T I, h0: N H | None, weight_ih: I H, weight_hh: H H, bias_ih: H | None, bias_hh: H | None;
    returns (dx, dh0, dweight_ih, dweight_hh, dbias_ih, dbias_hh), None for what was None.
    Raises ShapeError if the shapes do not fit, TypeError if dy is not a pair. Source: Werbos (1990).

    >>> dx, dh0, *_ = rnn_backward(([[[0], [0]]], [[1]]), [[[3], [0]]], [[3]], weight_ih=[[1]], weight_hh=[[-1]])
    >>> dh0  # twice through the weight: -1 * -1 * 1
    array([[1.]])
    """
    dhs, dh = pair("rnn_backward: dy must be a pair (dhs, dh)", dy)
    x, h0, weight_ih, weight_hh, bias_ih, bias_hh, dhs, dh = check_shapes(
        "x: N T I, h0: N H | None, weight_ih: I H, weight_hh: H H, bias_ih: H | None, bias_hh: H | None, dhs: N T H, dh: N H",
        x=x, h0=h0, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh, dhs=dhs, dh=dh)
    return rnn_through_time(dhs, (dh,), x, (h0,), weight_ih, weight_hh, bias_ih, bias_hh)


def lstm_cell_backward(dy, x, h, c, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """Gradients of `lstm_cell`: those of `lstm` for a sequence of length one; dy is the pair (dh, dc).

    Shapes: dh: N H, dc: N H, x: N I, h: N H | None, c: N H | None, weight_ih: I 4*H, weight_hh: H 4*H, bias_ih: 4*H | None,
    bias_hh: 4*H | None; returns (dx, dh, dc, dweight_ih, dweight_hh, dbias_ih, dbias_hh), None for what was None.
    Raises ShapeError if the shapes do not fit, TypeError if dy is not a pair.

    >>> dx, dh, dc, *_ = lstm_cell_backward(([0], [1]), [1], [1], [4], weight_ih=[[0, 0, 0, 0]], weight_hh=[[0, 0, 0, 0]])
    >>> dc  # through the forget gate, sigmoid(0)
    array([0.5])
    """
    dh, dc = pair("lstm_cell_backward: dy must be a pair (dh, dc)", dy)
    N = "" if as_floats("x", x).ndim == 1 else "N "
    x, h, c, weight_ih, weight_hh, bias_ih, bias_hh, dh, dc = check_shapes(
        f"x: {N}I, h: {N}H | None, c: {N}H | None, weight_ih: I 4*H, weight_hh: H 4*H, bias_ih: 4*H | None, bias_hh: 4*H | None, "
        f"dh: {N}H, dc: {N}H", x=x, h=h, c=c, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh, dh=dh, dc=dc)
    return one_step(lstm_through_time, (dh, dc), x, (h, c), weight_ih, weight_hh, bias_ih, bias_hh)


def lstm_backward(dy, x, h0, c0, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """Gradients of `lstm` by back-propagation through time; dy is (dhs, (dh, dc)).

    From the last time to the first, dc is what the later cell left plus ``dh o (1 - tanh(c)^2)``; the sums inside the gates get
    ``dc g i (1 - i)``, ``dc c_old f (1 - f)``, ``dc i (1 - g^2)``, ``dh tanh(c) o (1 - o)``; the old cell gets ``dc f``.
    Shapes: dhs: N T H, dh: N H, dc: N H, x: N T I, h0: N H | None, c0: N H | None, weight_ih: I 4*H, weight_hh: H 4*H,
    bias_ih: 4*H | None, bias_hh: 4*H | None; returns (dx, dh0, dc0, dweight_ih, dweight_hh, dbias_ih, dbias_hh), None for what was None.
    Raises ShapeError if the shapes do not fit, TypeError if dy is not nested so. Source: Graves and Schmidhuber (2005).

    >>> dx, dh0, dc0, *_ = lstm_backward(([[[0], [0]]], ([[0]], [[1]])), [[[1], [1]]], [[0]], [[4]], [[0, 0, 0, 0]], [[0, 0, 0, 0]])
    >>> dc0  # twice through the forget gate: 1/2 * 1/2
    array([[0.25]])
    """
    dhs, last = pair("lstm_backward: dy must be a pair (dhs, (dh, dc))", dy)
    dh, dc = pair("lstm_backward: dy[1] must be a pair (dh, dc)", last)
    x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh, dhs, dh, dc = check_shapes("x: N T I, h0: N H | None, c0: N H | None, "
        "weight_ih: I 4*H, weight_hh: H 4*H, bias_ih: 4*H | None, bias_hh: 4*H | None, dhs: N T H, dh: N H, dc: N H",
        x=x, h0=h0, c0=c0, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh, dhs=dhs, dh=dh, dc=dc)
    return lstm_through_time(dhs, (dh, dc), x, (h0, c0), weight_ih, weight_hh, bias_ih, bias_hh)


def gru_cell_backward(dy, x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None, reset_after=True):
    """Gradients of `gru_cell`: those of `gru` for a sequence of length one.

    Shapes: dy: N H, x: N I, h: N H | None, weight_ih: I 3*H, weight_hh: H 3*H, bias_ih: 3*H | None, bias_hh: 3*H | None;
    returns (dx, dh, dweight_ih, dweight_hh, dbias_ih, dbias_hh), None for what was None. Raises ShapeError if the shapes do not fit.

    >>> dx, dh, *_ = gru_cell_backward([1], [1], [2], weight_ih=[[0, 0, -1]], weight_hh=[[0, 0, 1]])
    >>> dx, dh  # dn = (1 - z) * 1 = 1/2; dx = -1 * dn; dh = z * 1 + r * dn = 3/4
    (array([-0.5]), array([0.75]))
    """
    N = "" if as_floats("x", x).ndim == 1 else "N "
    x, h, weight_ih, weight_hh, bias_ih, bias_hh, dy = check_shapes(
        f"x: {N}I, h: {N}H | None, weight_ih: I 3*H, weight_hh: H 3*H, bias_ih: 3*H | None, bias_hh: 3*H | None, dy: {N}H",
        x=x, h=h, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh, dy=dy)
    return one_step(gru_through_time, (dy,), x, (h,), weight_ih, weight_hh, bias_ih, bias_hh, reset_after)


def gru_backward(dy, x, h0, weight_ih, weight_hh, bias_ih=None, bias_hh=None, reset_after=True):
    """Gradients of `gru` by back-propagation through time; dy is the pair (dhs, dh).

    From the last time to the first, the sums inside the gates get ``dz = dh (h_old - n) z (1 - z)``, ``dn = dh (1 - z) (1 - n^2)`` and
    ``dr = dn (h_old @ W_hn + b_hn) r (1 - r)``; h_old gets ``dh z`` and what comes back through weight_hh.
    Shapes: dhs: N T H, dh: N H, x: N T I, h0: N H | None, weight_ih: I 3*H, weight_hh: H 3*H, bias_ih: 3*H | None,
    bias_hh: 3*H | None; returns (dx, dh0, dweight_ih, dweight_hh, dbias_ih, dbias_hh), None for what was None.
    Raises ShapeError if the shapes do not fit, TypeError if dy is not a pair. Source: Werbos (1990), applied to Cho et al. (2014).

    >>> dx, dh0, *_ = gru_backward(([[[0], [0]]], [[1]]), [[[1], [0.5]]], [[2]], weight_ih=[[0, 0, -1]], weight_hh=[[0, 0, 1]])
    >>> dh0  # 3/4 * 3/4: twice the step of `gru_cell_backward`
    array([[0.5625]])
    """
    dhs, dh = pair("gru_backward: dy must be a pair (dhs, dh)", dy)
    x, h0, weight_ih, weight_hh, bias_ih, bias_hh, dhs, dh = check_shapes(
        "x: N T I, h0: N H | None, weight_ih: I 3*H, weight_hh: H 3*H, bias_ih: 3*H | None, bias_hh: 3*H | None, dhs: N T H, dh: N H",
        x=x, h0=h0, weight_ih=weight_ih, weight_hh=weight_hh, bias_ih=bias_ih, bias_hh=bias_hh, dhs=dhs, dh=dh)
    return gru_through_time(dhs, (dh,), x, (h0,), weight_ih, weight_hh, bias_ih, bias_hh, reset_after)


# Through time: dhs holds each hidden state's gradient from outside, dstate the last state's; what flows back from later times joins them.
def rnn_through_time(dhs, dstate, x, state, weight_ih, weight_hh, bias_ih, bias_hh):
    (hs,), _, dgates = unroll(rnn_step, x, state, weight_ih, weight_hh, total(bias_ih, bias_hh))
    slope, back, (dh,) = 1 - hs * hs, np.ascontiguousarray(weight_hh.T), dstate
    for t in reversed(range(len(hs))):
        dgates[t] = (dhs[:, t] + dh) * slope[t]
        dh = dgates[t] @ back
    return collect((dh,), state, dgates, dgates, x, earlier(hs, state[0]), weight_ih, bias_ih, bias_hh)


def lstm_through_time(dhs, dstate, x, state, weight_ih, weight_hh, bias_ih, bias_hh):
    (hs, cs), _, gates = unroll(lstm_step, x, state, weight_ih, weight_hh, total(bias_ih, bias_hh), lstm_scale(weight_hh))
    (i, f, g, o), tanh_c = split(gates, 4), np.tanh(cs)
    slopes = np.stack([g * i * (1 - i), earlier(cs, state[1]) * f * (1 - f), i * (1 - g * g), tanh_c * o * (1 - o)], axis=2)
    slope_c, dgates = o * (1 - tanh_c * tanh_c), slopes.reshape(gates.shape)  # which become the gradients where they stand
    back, (dh, dc) = np.ascontiguousarray(weight_hh.T), dstate
    for t in reversed(range(len(hs))):
        dh = dhs[:, t] + dh
        dc = dc + dh * slope_c[t]
        slopes[t, :, :3] *= dc[:, None]
        slopes[t, :, 3] *= dh
        dh, dc = dgates[t] @ back, dc * f[t]
    return collect((dh, dc), state, dgates, dgates, x, earlier(hs, state[0]), weight_ih, bias_ih, bias_hh)


def gru_through_time(dhs, dstate, x, state, weight_ih, weight_hh, bias_ih, bias_hh, reset_after):
    (hs,), _, gates = unroll(gru_step, x, state, weight_ih, weight_hh, bias_ih, bias_hh, reset_after)
    old, (r, z, n), cut = earlier(hs, state[0]), split(gates, 3), 2 * hs.shape[-1]
    back_rz, back_n = np.split(np.ascontiguousarray(weight_hh.T), [cut])
    inner = add_bias(old @ weight_hh[:, cut:], None if bias_hh is None else bias_hh[cut:]) if reset_after else old  # what r multiplies
    slope_r, slope_z, slope_n = inner * r * (1 - r), (old - n) * z * (1 - z), (1 - z) * (1 - n * n)
    dgates, (dh,) = np.empty_like(gates), dstate
    dr, dz, dn = split(dgates, 3)
    for t in reversed(range(len(hs))):
        dh = dhs[:, t] + dh
        dz[t], dn[t] = dh * slope_z[t], dh * slope_n[t]
        dproduct = dn[t] if reset_after else dn[t] @ back_n  # of r * inner
        dr[t], dinner = dproduct * slope_r[t], dproduct * r[t]
        dh = dh * z[t] + dgates[t, :, :cut] @ back_rz + (dinner @ back_n if reset_after else dinner)
    dshare = np.concatenate([dgates[..., :cut], dn * r if reset_after else dn], axis=-1)
    gradients = collect((dh,), state, dgates, dshare, x, old, weight_ih, bias_ih, bias_hh)
    if not reset_after:
        gradients[3][:, cut:] = rows(r * old).T @ rows(dn)
    return gradients


def collect(dstate, state, dgates, dshare, x, old, weight_ih, bias_ih, bias_hh):
    """All gradients, once those of the input's and the state's share of every sum are known: one large product each."""
    x = x.swapaxes(0, 1)
    dx, dweight_ih, dbias_ih = linear_backward(rows(dgates), rows(x), weight_ih, bias_ih)
    dstate = (None if part is None else dpart for part, dpart in zip(state, dstate))
    dbias_hh = None if bias_hh is None else rows(dshare).sum(axis=0)
    return dx.reshape(x.shape).swapaxes(0, 1), *dstate, dweight_ih, rows(old).T @ rows(dshare), dbias_ih, dbias_hh


def one_step(through_time, dstate, x, state, *parameters):
    """The gradients of a cell: a sequence of one step, whose batch may lack its axis."""
    batch = [None if array is None else rows(array) for array in (x, *state)]
    dstate = [rows(part) for part in dstate]
    gradients = through_time(np.zeros_like(dstate[0])[:, None], dstate, batch[0][:, None], batch[1:], *parameters)
    back = (None if array is None else gradient.reshape(array.shape) for array, gradient in zip((x, *state), gradients))
    return *back, *gradients[len(batch):]


def earlier(states, first):
    """The state before each time: the first state (None is zeros), then all but the last."""
    return np.concatenate([np.zeros_like(states[:1]) if first is None else first[None], states[:-1]])


def rows(x):
    return x.reshape(-1, x.shape[-1])


def pair(message, value):
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return value
    raise TypeError(f"{message}, got {type(value).__name__}")
