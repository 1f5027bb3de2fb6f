import numpy as np
import pytest

from dlblocks import optim
from dlblocks.autograd import Tensor

SHAPES = [(3, 4), (4,), ()]
SETTINGS = [
    ("SGD", dict(lr=0.1)),
    ("SGD", dict(lr=0.1, momentum=0.9)),
    ("SGD", dict(lr=0.1, momentum=0.9, weight_decay=0.05)),
    ("SGD", dict(lr=0.1, momentum=0.9, weight_decay=0.05, nesterov=True)),
    ("SGD", dict(lr=0.1, weight_decay=0.05)),
    ("RMSprop", dict(lr=0.02)),
    ("RMSprop", dict(lr=0.02, alpha=0.8, eps=1e-3, weight_decay=0.05, momentum=0.7)),
    ("Adam", dict(lr=0.03)),
    ("Adam", dict(lr=0.03, betas=(0.5, 0.8), eps=1e-3, weight_decay=0.1)),
    ("AdamW", dict(lr=0.03)),
    ("AdamW", dict(lr=0.03, betas=(0.5, 0.8), eps=1e-3, weight_decay=0.3)),
]


def gradient_of(x, step, scale=1.0):
    """Some gradient that depends on where we are, with zeros in it."""
    g = scale * (np.sin(3 * x + step) + x)
    return np.where(np.abs(g) < 0.2 * scale, 0.0, g)


@pytest.mark.parametrize("name, settings", SETTINGS, ids=lambda value: value if isinstance(value, str) else "-".join(value))
@pytest.mark.parametrize("scale", [1.0, 1e4, 1e-7])
def test_twenty_steps_are_those_of_pytorch(name, settings, scale):
    torch = pytest.importorskip("torch")
    starts = [np.asarray(np.random.default_rng(i).standard_normal(shape)) for i, shape in enumerate(SHAPES)]
    ours, theirs = [Tensor(x) for x in starts], [torch.tensor(x, requires_grad=True) for x in starts]
    optimizer, reference = getattr(optim, name)(ours, **settings), getattr(torch.optim, name)(theirs, **settings)
    for step in range(20):
        optimizer.zero_grad(), reference.zero_grad()
        for i, (a, b) in enumerate(zip(ours, theirs)):
            if (step + i) % 5:  # now and then a parameter gets no gradient
                a.grad = gradient_of(a.data, step, scale)
                b.grad = torch.tensor(gradient_of(b.detach().numpy(), step, scale))
        optimizer.step(), reference.step()
    for a, b, start in zip(ours, theirs, starts):
        assert isinstance(a.data, np.ndarray) and not np.array_equal(a.data, start)
        np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam", "AdamW"])
def test_defaults_are_those_of_pytorch(name):
    torch = pytest.importorskip("torch")
    x, reference = Tensor([2.0, -3.0]), torch.tensor([2.0, -3.0], dtype=torch.float64, requires_grad=True)
    optimizer, theirs = getattr(optim, name)([x]), getattr(torch.optim, name)([reference])
    for _ in range(3):
        x.grad, reference.grad = x.data**3, reference.detach() ** 3
        optimizer.step(), theirs.step()
    np.testing.assert_allclose(x.data, reference.detach().numpy(), rtol=1e-13)


@pytest.mark.parametrize("name, settings", SETTINGS, ids=lambda value: value if isinstance(value, str) else "-".join(value))
def test_float32_stays_and_the_array_given_is_not_written_to(name, settings):
    start = np.float32([1, -2])
    x = Tensor(start)
    optimizer = getattr(optim, name)([x], **settings)
    for _ in range(3):
        x.grad = x.data * 2
        before = x.grad.copy()
        optimizer.step()
        assert np.array_equal(x.grad, before)
    assert x.data.dtype == np.float32 and start.tolist() == [1, -2] and x.data.tolist() != [1, -2]


def test_a_parameter_without_gradient_stays():
    x = Tensor([1.0])
    optim.SGD([x], lr=1, weight_decay=0.5).step()
    assert x.data.tolist() == [1]


def test_a_ravine_is_left_faster_with_momentum():
    def loss_after(**settings):
        x = Tensor([10.0, 1.0])
        optimizer = optim.SGD([x], lr=0.02, **settings)
        for _ in range(60):
            x.grad = x.data * [1, 40]
            optimizer.step()
        return 0.5 * np.sum(x.data**2 * [1, 40])
    assert loss_after(momentum=0.8) < 0.1 * loss_after()


def test_clipping_scales_all_gradients_by_one_factor_as_pytorch_does():
    torch = pytest.importorskip("torch")
    arrays = [np.random.default_rng(i).standard_normal(shape) for i, shape in enumerate([(3, 4), (4,)])]
    ours, theirs = [Tensor(np.zeros_like(a)) for a in arrays], [torch.zeros(a.shape, dtype=torch.float64, requires_grad=True) for a in arrays]
    for a, b, g in zip(ours, theirs, arrays):
        a.grad, b.grad = g, torch.tensor(g)
    norm = optim.clip_grad_norm([*ours, Tensor([0.0])], 1.5)
    assert norm == pytest.approx(float(torch.nn.utils.clip_grad_norm_(theirs, 1.5)), rel=1e-13)
    for a, b, g in zip(ours, theirs, arrays):
        np.testing.assert_allclose(a.grad, g * (1.5 / norm), rtol=1e-13)
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=2e-6)  # PyTorch adds 1e-6 to the norm
    assert optim.clip_grad_norm(ours, 2) == pytest.approx(1.5) and optim.clip_grad_norm(ours, 2) == pytest.approx(1.5)


def test_clipping_survives_large_and_zero_gradients_and_leaves_the_old_array_alone():
    x, large = Tensor([0.0, 0.0]), np.array([3e200, 4e200])
    x.grad = large
    assert optim.clip_grad_norm([x], 1) == pytest.approx(5e200)
    assert x.grad == pytest.approx([0.6, 0.8]) and large[0] == 3e200
    x.grad = np.zeros(2)
    assert optim.clip_grad_norm([x], 1) == 0 and x.grad.tolist() == [0, 0]
    x.grad = np.array([np.inf, 0])
    with pytest.raises(ValueError, match="clip_grad_norm: a gradient is not finite"):
        optim.clip_grad_norm([x], 1)


X = [Tensor([1.0])]


@pytest.mark.parametrize("call, error, message", [
    (lambda: optim.SGD([]), ValueError, "SGD: parameters must not be empty"),
    (lambda: optim.SGD(X, lr=-1), ValueError, "SGD: lr must be at least 0, got -1"),
    (lambda: optim.SGD(X, lr=True), TypeError, "SGD: lr must be a number, got True"),
    (lambda: optim.SGD(X, momentum=-0.1), ValueError, "SGD: momentum must be at least 0"),
    (lambda: optim.SGD(X, nesterov=True), ValueError, "SGD: nesterov needs a momentum"),
    (lambda: optim.RMSprop(X, alpha=1), ValueError, "RMSprop: alpha must be at least 0 and below 1, got 1"),
    (lambda: optim.Adam(X, betas=(0.9, 1)), ValueError, "Adam: beta2 must be at least 0 and below 1, got 1"),
    (lambda: optim.Adam(X, eps=-1), ValueError, "Adam: eps must be at least 0"),
    (lambda: optim.AdamW(X, weight_decay=-1), ValueError, "AdamW: weight_decay must be at least 0"),
    (lambda: optim.clip_grad_norm(X, -1), ValueError, "clip_grad_norm: max_norm must be at least 0"),
])
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()
