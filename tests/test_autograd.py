import gc
import inspect
import weakref

import numpy as np
import pytest

from cases import CASES
from dlblocks.autograd import Tensor, differentiable
from dlblocks.checks import ShapeError
from dlblocks.gradcheck import gradcheck
from dlblocks.linear import linear, linear_backward


def draw(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


M = draw(3, 4, seed=9)
# each expression means the same for arrays and for tensors
EXPRESSIONS = {
    "a tensor used twice": (lambda x, y: x * x + x * y - x, (3, 4), (3, 4)),
    "stretched operands": (lambda x, y: (x + y) * x - y, (2, 3, 4), (3, 1)),
    "stretched on the left": (lambda x, y: (y - x) * (y * x), (2, 3, 4), (4,)),
    "numbers on both sides": (lambda x, y: 2 * x - 1.5 + (3 - x) * 0.5 + -x * y, (3, 4), ()),
    "arrays on both sides": (lambda x, y: M * x + x * M + (M - x) * (x - M) + (M + y), (3, 4), (4,)),
    "matrix products": (lambda x, y: x @ y + M @ y, (3, 4), (4, 2)),
    "batched matrix products": (lambda x, y: x @ y, (2, 3, 4), (2, 4, 2)),
    "a matrix for a whole batch": (lambda x, y: x @ y, (2, 5, 3, 4), (4, 2)),
    "one batch for a matrix": (lambda x, y: x @ y, (3, 4), (2, 4, 5)),
    "vector times matrix": (lambda x, y: x @ y, (3,), (3, 4)),
    "matrix times vector": (lambda x, y: x @ y, (2, 3, 4), (4,)),
    "vector times batch": (lambda x, y: x @ y, (3,), (2, 3, 4)),
    "vector times vector": (lambda x, y: x @ y, (3,), (3,)),
    "sums": (lambda x, y: x.sum() + y.sum(axis=0).sum() + y.sum(axis=(0, 2), keepdims=True) * y + y.sum(-1).sum(), (3,), (2, 3, 4)),
    "means": (lambda x, y: x.mean() + y.mean(0).mean() + y.mean((0, 2), keepdims=True) * y + y.mean(axis=-1).sum(), (3,), (2, 3, 4)),
    "reshape": (lambda x, y: x.reshape(4, 3) * y.reshape(-1, 3) + x.reshape((4, 3)), (3, 4), (12,)),
    "transpose": (lambda x, y: x.transpose(2, 0, 1) * y.transpose() + x.transpose(-1, 0, 1), (2, 3, 4), (3, 2, 4)),
    "index": (lambda x, y: x[0] * x[-1, ::-1] + y[[0, 1, 1, 0]].sum(0)[2] * x[:, 1:][2, 0], (3, 3), (2, 3)),
    "an index of pairs": (lambda x, y: x[np.arange(3), [0, 0, 2]] * y[..., 0], (3, 3), (3, 2)),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions_have_numpys_values_and_right_gradients(name):
    expression, *shapes = EXPRESSIONS[name]
    arrays = [draw(*shape, seed=i) for i, shape in enumerate(shapes)]
    np.testing.assert_allclose(expression(*map(Tensor, arrays)).data, expression(*arrays), rtol=1e-14, atol=1e-14)

    def gradients(dy, *inputs):
        tensors = [Tensor(a) for a in inputs]
        expression(*tensors).backward(dy)
        assert all(t.grad.shape == a.shape for t, a in zip(tensors, inputs))
        return tuple(t.grad for t in tensors)

    assert gradcheck(expression, gradients, *arrays) < 1e-7


def test_a_small_network_agrees_with_pytorch():
    torch = pytest.importorskip("torch")
    x, w, b = draw(5, 3), draw(3, 4), draw(4)
    ours, theirs = [Tensor(a) for a in (x, w, b)], [torch.tensor(a, requires_grad=True) for a in (x, w, b)]

    def network(x, w, b):
        h = x @ w + b
        h = h * h * 0.1 + h
        return (h[:, 1:] * h[:, :-1]).sum(0).mean() - (x * x).mean()

    y, reference = network(*ours), network(*theirs)
    y.backward(), reference.backward()
    assert float(y.data) == pytest.approx(reference.item(), rel=1e-14)
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_block_gives_on_the_tape_what_its_backward_gives(case):
    """Each input that has a gradient becomes a tensor; the tape must hand each gradient to its own input."""
    def dy_like(y, seed=3):
        return tuple(dy_like(part, seed + i) for i, part in enumerate(y)) if isinstance(y, tuple) else draw(*np.shape(y), seed=seed)

    def leaves(y):
        return [leaf for part in y for leaf in leaves(part)] if isinstance(y, tuple) else [y]

    y = case.f(*case.inputs, **case.options)
    dy = dy_like(y)
    expected = case.f_backward(dy, *case.inputs, **case.options)
    expected = expected if isinstance(expected, tuple) else (expected,)
    names = [name for name in inspect.signature(case.f).parameters if name != "ids"][:len(expected)]
    given = dict(zip(inspect.signature(case.f).parameters, case.inputs))
    tensors = {name: Tensor(given[name]) for name, gradient in zip(names, expected) if isinstance(given.get(name), np.ndarray) and gradient is not None}
    result = differentiable(case.f, case.f_backward)(*[tensors.get(name, value) for name, value in given.items()], **case.options)
    for part, value in zip(leaves(result), leaves(y), strict=True):
        assert np.array_equal(part.data, value)
    sum(((part * d).sum() for part, d in zip(leaves(result), leaves(dy), strict=True)), start=Tensor(0.0)).backward()
    assert tensors
    for name, gradient in zip(names, expected):
        if name in tensors:
            np.testing.assert_allclose(tensors[name].grad, gradient, rtol=1e-13, atol=1e-13 * max(1, np.abs(gradient).max()), err_msg=name)


def test_gradients_of_leaves_add_up_over_calls_and_those_of_results_do_not():
    x = Tensor([2.0])
    y = x * x
    z = y * y
    z.backward()
    assert (x.grad, y.grad, z.grad) == ([32.0], [8.0], [1.0])
    z.backward()
    assert (x.grad, y.grad, z.grad) == ([64.0], [8.0], [1.0])


def test_two_ways_from_one_tensor_meet_in_the_right_order():
    x = Tensor(3.0)
    a = x * 2
    b = a * x
    c = b + a * b  # a is used after b, which came from a
    c.backward()
    assert float(x.grad) == pytest.approx(4 * 3 + 12 * 3**2)  # c = 2 x^2 + 4 x^3


def test_a_leaf_may_ask_for_its_own_gradient():
    x = Tensor([1.0, 2.0])
    x.backward([3.0, 4.0])
    x.backward([1.0, 1.0])
    assert x.grad.tolist() == [4, 5]


def test_a_gradient_may_be_written_to():
    x = Tensor([1.0, 2.0])
    x.sum().backward()
    x.grad *= 3
    assert x.grad.tolist() == [3, 3]


def test_a_long_chain_needs_no_recursion_and_many_paths_no_time():
    x = y = Tensor(1.0)
    for _ in range(5000):
        y = y + 0.0
    for _ in range(100):
        y = y + y
    y.backward()
    assert float(x.grad) == 2.0**100


def test_a_history_is_freed_with_its_last_tensor_without_the_garbage_collector():
    gc.disable()
    try:
        y = Tensor([1.0]) * 2
        pair = differentiable(lambda x: (x, (x + 1, x + 2)), lambda dy, x: dy[0] + dy[1][0] + dy[1][1])(y)
        gone = weakref.ref(y)
        del y, pair
        assert gone() is None
    finally:
        gc.enable()


def test_nested_results_send_zeros_for_the_parts_that_nobody_used():
    seen = []

    def f(x):
        return x * 1, (x * 2, x * 3)

    def f_backward(dy, x):
        seen.append(dy)
        return dy[0] + 2 * dy[1][0] + 3 * dy[1][1]

    for use, gradient in [(lambda a, b, c: a + c, 4), (lambda a, b, c: b, 2), (lambda a, b, c: a, 1), (lambda a, b, c: c * c, 3 * 2 * 6)]:
        x = Tensor([2.0])
        a, (b, c) = differentiable(f, f_backward)(x)
        use(a, b, c).backward()
        assert x.grad.tolist() == [gradient]
    assert all(isinstance(part, np.ndarray) for dy in seen for part in (dy[0], *dy[1]))


def test_float32_stays_float32_through_expressions():
    x = Tensor(np.float32([[1, 2], [3, 4]]))
    y = ((2 * x - 1.5) @ x).mean(0) * 3 - x.sum()
    y.sum().backward()
    assert y.data.dtype == np.float32 and x.grad.dtype == np.float32


def test_inputs_and_upstream_gradients_are_not_written_to():
    a, dy = draw(3), draw(3, seed=1)
    before = a.copy(), dy.copy()
    x = Tensor(a)
    (x + x * x).backward(dy)
    (x + x * x).backward(dy)
    assert np.array_equal(a, before[0]) and np.array_equal(dy, before[1])


def test_options_and_keywords_reach_a_block_and_its_backward():
    f = differentiable(linear, linear_backward)
    x, weight, bias = Tensor([1, 2]), Tensor([[1], [1]]), Tensor([5])
    y = f(x, bias=bias, weight=weight)
    y.backward()
    assert y.data.tolist() == [8] and bias.grad.tolist() == [1] and weight.grad.tolist() == [[1], [2]] and x.grad.tolist() == [1, 1]
    assert f.__name__ == "linear" and f([1, 2], [[1], [1]]).data.tolist() == [3]


def test_numbers_are_shown():
    assert repr(Tensor([1, 2])) == "Tensor([1. 2.])" and Tensor([1, 2]).shape == (2,)


@pytest.mark.parametrize("call, error, message", [
    (lambda: Tensor([1.0, 2.0]) + np.ones((2, 1)), ShapeError, r"Tensor: neither of the shapes \(2,\) and \(2, 1\) stretches to the other"),
    (lambda: Tensor([[1.0], [2.0]]) * Tensor([1.0, 2.0]), ShapeError, r"Tensor: neither of the shapes \(2, 1\) and \(2,\)"),
    (lambda: Tensor([1.0, 2.0]) - Tensor([1.0, 2.0, 3.0]), ValueError, r"\(2,\).*\(3,\)"),
    (lambda: Tensor([1.0, 2.0]).backward(), ShapeError, r"backward: a tensor of shape \(2,\) needs a grad of that shape, got \(\)"),
    (lambda: Tensor([1.0, 2.0]).backward([[1.0, 2.0]]), ShapeError, r"backward: .* \(2,\) .* got \(1, 2\)"),
    (lambda: Tensor("a"), TypeError, r"Tensor: data must hold real numbers"),
    (lambda: Tensor(Tensor(1.0)), TypeError, r"Tensor: data must hold real numbers"),
    (lambda: linear(Tensor([1.0]), [[1.0]]), TypeError, r"linear: x must hold real numbers, got Tensor"),
    (lambda: differentiable(lambda x, target: x, lambda dy, x, target: dy)(Tensor(1.0), Tensor(2.0)).backward(), TypeError,
     r"<lambda> has no gradient for target; give an array, not a Tensor"),
])
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()
