"""Every case of the table `cases` through every proof: forward and gradients against PyTorch, finite differences, dtypes, bad calls."""

import numpy as np
import pytest

from cases import BAD_CALLS, CASES
from dlblocks.gradcheck import gradcheck

cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
smooth_cases = pytest.mark.parametrize("case", [case for case in CASES if case.smooth], ids=lambda case: case.name)


def leaves(nested):
    """The arrays of a nested tuple in order; None stays None."""
    return [leaf for part in nested for leaf in leaves(part)] if isinstance(nested, (tuple, list)) else [nested]


def agree(ours, theirs, tolerance):
    """Equal within ``tolerance`` of the largest entry: a sum of large terms that cancel cannot be asked for more."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert np.isfinite(ours).all()
    scale = max(np.abs(theirs).max(), 1e-30) if np.abs(theirs).max() > 0 else 1.0
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * scale)


def upstream(y, seed=5):
    rng = np.random.default_rng(seed)
    return tuple(upstream(part, seed + i) for i, part in enumerate(y)) if isinstance(y, tuple) else rng.standard_normal(np.shape(y))


def narrowed(dy):
    return tuple(map(narrowed, dy)) if isinstance(dy, tuple) else np.float32(dy)


def as_gradients(gradients):
    return list(gradients) if isinstance(gradients, tuple) else [gradients]


@cases
def test_forward_and_gradients_agree_with_pytorch(case):
    torch = pytest.importorskip("torch")
    y = case.f(*case.inputs, **case.options)
    tensors = [torch.tensor(x, requires_grad=x.dtype.kind == "f") if isinstance(x, np.ndarray) else x for x in case.inputs]
    reference = case.torch(*tensors, **case.options)
    for ours, theirs in zip(leaves(y), leaves(reference), strict=True):
        agree(ours, theirs.detach().numpy(), 1e-12)

    dy = upstream(y)
    total = sum((torch.as_tensor(d) * part).sum() for d, part in zip(leaves(dy), leaves(reference), strict=True))
    needed = [t for t in tensors if isinstance(t, torch.Tensor) and t.requires_grad]
    expected = iter(torch.autograd.grad(total, needed, allow_unused=True))
    gradients = as_gradients(case.f_backward(dy, *case.inputs, **case.options))
    for gradient in gradients:
        if gradient is not None:
            theirs = next(expected)
            agree(gradient, np.zeros_like(gradient) if theirs is None else theirs.numpy(), 1e-10)
    assert next(expected, "none left") == "none left"


@smooth_cases
def test_gradients_agree_with_finite_differences(case):
    wrt = [i for i, x in enumerate(case.inputs) if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
    assert gradcheck(case.f, case.f_backward, *case.inputs, wrt=wrt, **case.options) < 1e-6


@cases
def test_float32_stays_float32_and_inputs_stay_untouched(case):
    inputs = [x.astype(np.float32) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in case.inputs]
    before = [x.copy() if isinstance(x, np.ndarray) else x for x in inputs]
    y = case.f(*inputs, **case.options)
    dy = narrowed(upstream(y))
    gradients = case.f_backward(dy, *inputs, **case.options)
    for array in leaves(y) + leaves(as_gradients(gradients)):
        assert array is None or array.dtype == np.float32
    for x, old in zip(inputs, before):
        assert not isinstance(x, np.ndarray) or np.array_equal(x, old)


@pytest.mark.parametrize("bad", BAD_CALLS)
def test_bad_call_ends_in_a_clear_error(bad):
    with pytest.raises(bad.error, match=bad.message):
        bad.call()
