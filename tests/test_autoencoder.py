"""The sparsity penalty is a divergence between coins; its gradient is right, and what would be infinite is refused."""

import numpy as np
import pytest

from dlblocks.autoencoder import kl_sparsity, kl_sparsity_backward
from dlblocks.checks import ShapeError
from dlblocks.gradcheck import gradcheck

H = np.random.default_rng(0).uniform(0.05, 0.95, (4, 3))


@pytest.mark.parametrize("rho", [0.05, 0.5, 0.9])
def test_equals_the_divergence_of_pytorch(rho):
    torch = pytest.importorskip("torch")
    h = torch.tensor(H, requires_grad=True)
    coins = torch.distributions.Bernoulli
    divergence = torch.distributions.kl_divergence(coins(torch.tensor(rho, dtype=torch.float64)), coins(h.mean(dim=0))).sum()
    np.testing.assert_allclose(kl_sparsity(H, rho), divergence.item(), rtol=1e-12)
    divergence.backward()
    np.testing.assert_allclose(kl_sparsity_backward(1, H, rho), h.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_gradient_by_finite_differences():
    assert gradcheck(kl_sparsity, kl_sparsity_backward, H, rho=0.2) < 1e-7


def test_zero_at_the_target_and_above_it_elsewhere():
    at_target = [[0.25, 0.125], [0.25, 0.375]]
    assert kl_sparsity(at_target, 0.25) == 0 and not kl_sparsity_backward(1, at_target, 0.25).any()
    assert kl_sparsity(H, 0.25) > 0


def test_float32_stays_float32():
    h = H.astype(np.float32)
    assert kl_sparsity(h).dtype == np.float32 and np.ndim(kl_sparsity(h)) == 0
    assert kl_sparsity_backward(0.1, h).dtype == np.float32


@pytest.mark.parametrize("call, error, message", [
    (lambda: kl_sparsity([0.5]), ShapeError, r"^kl_sparsity: h has 1 axes, expected 2 axes"),
    (lambda: kl_sparsity([["a"]]), TypeError, r"^kl_sparsity: h must hold real numbers"),
    (lambda: kl_sparsity([[0.5]], rho=0), ValueError, r"^kl_sparsity: rho must be above 0, got 0"),
    (lambda: kl_sparsity([[0.5]], rho=1), ValueError, r"^kl_sparsity: rho must be at least 0 and below 1, got 1"),
    (lambda: kl_sparsity([[0.5]], rho="a"), TypeError, r"^kl_sparsity: rho must be a number"),
    (lambda: kl_sparsity([[1.5]]), ValueError, r"^kl_sparsity: h must lie in 0\.\.1, .* got numbers in 1\.5\.\.1\.5"),
    (lambda: kl_sparsity([[np.nan]]), ValueError, r"^kl_sparsity: h must lie in 0\.\.1"),
    (lambda: kl_sparsity([[0.5, 0], [0.5, 0]]), ValueError, r"^kl_sparsity: h has a mean of 0\.0 in unit 1, where the divergence is infinite"),
    (lambda: kl_sparsity_backward(1, [[1.0]]), ValueError, r"^kl_sparsity_backward: h has a mean of 1\.0 in unit 0"),
    (lambda: kl_sparsity_backward([1, 1], [[0.5]]), ShapeError, r"^kl_sparsity_backward: dy has 1 axes"),
])
def test_bad_calls_are_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()
