import numpy as np
import pytest

from dlblocks import nn
from dlblocks.autograd import Tensor
from dlblocks.checks import ShapeError

rng = np.random.default_rng


def draw(*shape, seed=0):
    return rng([seed, *shape]).standard_normal(shape)


def leaves(nested):
    return [leaf for part in nested for leaf in leaves(part)] if isinstance(nested, (tuple, list)) else [nested]


def same(a):
    return a


def transpose(a):
    return a.T


def one_to_one(ours, theirs):
    """Pairs of our parameter and theirs with the way between the layouts, for a layer whose parameters are called alike."""
    return [(p, getattr(theirs, name), same) for name, p in vars(ours).items() if isinstance(p, Tensor)]


def linear_pairs(ours, theirs):
    return [(ours.weight, theirs.weight, transpose)] + ([(ours.bias, theirs.bias, same)] if ours.bias is not None else [])


def recurrent_pairs(ours, theirs):
    return [(getattr(ours, name), getattr(theirs, f"{name}_l0"), transpose if "weight" in name else same)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]


def attention_pairs(ours, theirs):
    def third(i):
        return lambda packed: packed[4 * i:4 * i + 4].T
    packed = [(getattr(part, name), getattr(theirs, f"in_proj_{name}"), third(i))
              for i, part in enumerate((ours.query, ours.key, ours.value)) for name in ("weight", "bias")]
    return packed + linear_pairs(ours.out, theirs.out_proj)


def block_pairs(ours, theirs):
    return (attention_pairs(ours.attention, theirs.self_attn) + linear_pairs(ours.linear1, theirs.linear1)
            + linear_pairs(ours.linear2, theirs.linear2) + one_to_one(ours.norm1, theirs.norm1) + one_to_one(ours.norm2, theirs.norm2))


def sequential_pairs(ours, theirs):
    return linear_pairs(ours.layers[0], theirs[0]) + linear_pairs(ours.layers[2], theirs[2])


IDS = np.array([[0, 2, 2], [4, 1, 0]])
# our layer, PyTorch's, their parameters side by side, the input
LAYERS = {
    "Linear": (lambda r: nn.Linear(3, 4, rng=r), lambda t: t.Linear(3, 4), linear_pairs, draw(5, 3)),
    "Linear without bias": (lambda r: nn.Linear(3, 4, bias=False, rng=r), lambda t: t.Linear(3, 4, bias=False), linear_pairs, draw(2, 5, 3)),
    "Embedding": (lambda r: nn.Embedding(5, 3, rng=r), lambda t: t.Embedding(5, 3), one_to_one, IDS),
    "Conv2d": (lambda r: nn.Conv2d(4, 6, (2, 3), stride=2, padding=1, dilation=(2, 1), groups=2, rng=r),
               lambda t: t.Conv2d(4, 6, (2, 3), stride=2, padding=1, dilation=(2, 1), groups=2), one_to_one, draw(2, 4, 7, 6)),
    "Conv2d without bias": (lambda r: nn.Conv2d(1, 2, 3, bias=False, rng=r), lambda t: t.Conv2d(1, 2, 3, bias=False), one_to_one, draw(2, 1, 5, 5)),
    "MaxPool2d": (lambda r: nn.MaxPool2d(3, 2, 1), lambda t: t.MaxPool2d(3, 2, 1), one_to_one, draw(2, 3, 7, 6)),
    "AvgPool2d": (lambda r: nn.AvgPool2d(2), lambda t: t.AvgPool2d(2), one_to_one, draw(2, 3, 7, 6)),
    "Flatten": (lambda r: nn.Flatten(), lambda t: t.Flatten(), one_to_one, draw(2, 3, 4, 5)),
    **{name: (lambda r, name=name: getattr(nn, name)(), lambda t, name=name: getattr(t, name)(), one_to_one, draw(4, 5))
       for name in ("ReLU", "Sigmoid", "Tanh", "SiLU", "GELU", "LeakyReLU")},
    "LeakyReLU 0.2": (lambda r: nn.LeakyReLU(0.2), lambda t: t.LeakyReLU(0.2), one_to_one, draw(4, 5)),
    "RNN": (lambda r: nn.RNN(3, 4, rng=r), lambda t: t.RNN(3, 4, batch_first=True), recurrent_pairs, draw(2, 5, 3)),
    "LSTM": (lambda r: nn.LSTM(3, 4, rng=r), lambda t: t.LSTM(3, 4, batch_first=True), recurrent_pairs, draw(2, 5, 3)),
    "GRU": (lambda r: nn.GRU(3, 4, rng=r), lambda t: t.GRU(3, 4, batch_first=True), recurrent_pairs, draw(2, 5, 3)),
    "BatchNorm1d": (lambda r: nn.BatchNorm1d(3), lambda t: t.BatchNorm1d(3), one_to_one, draw(6, 3)),
    "BatchNorm1d of sequences": (lambda r: nn.BatchNorm1d(3, eps=0.1, momentum=0.5), lambda t: t.BatchNorm1d(3, eps=0.1, momentum=0.5), one_to_one,
                                 draw(2, 3, 4)),
    "BatchNorm2d": (lambda r: nn.BatchNorm2d(3), lambda t: t.BatchNorm2d(3), one_to_one, draw(2, 3, 4, 5)),
    "LayerNorm": (lambda r: nn.LayerNorm(4), lambda t: t.LayerNorm(4), one_to_one, draw(2, 3, 4)),
    "LayerNorm with eps": (lambda r: nn.LayerNorm(4, eps=0.1), lambda t: t.LayerNorm(4, eps=0.1), one_to_one, draw(2, 3, 4)),
    "MultiHeadAttention": (lambda r: nn.MultiHeadAttention(4, 2, rng=r), lambda t: Attention(t, 4, 2), lambda o, t: attention_pairs(o, t.inner), draw(2, 3, 4)),
    **{f"TransformerBlock {name}": (lambda r, first=first: nn.TransformerBlock(4, 2, 6, norm_first=first, rng=r),
                                    lambda t, first=first: t.TransformerEncoderLayer(4, 2, 6, dropout=0.0, batch_first=True, norm_first=first),
                                    block_pairs, draw(2, 3, 4)) for name, first in {"post-norm": False, "pre-norm": True}.items()},
    "TransformerBlock with gelu": (lambda r: nn.TransformerBlock(4, 2, 6, activation=nn.ops.gelu, rng=r),
                                    lambda t: t.TransformerEncoderLayer(4, 2, 6, dropout=0.0, activation="gelu", batch_first=True),
                                    block_pairs, draw(2, 3, 4)),
    "Sequential": (lambda r: nn.Sequential(nn.Linear(3, 4, rng=r), nn.ops.tanh, nn.Linear(4, 2, rng=r)),
                   lambda t: t.Sequential(t.Linear(3, 4), t.Tanh(), t.Linear(4, 2)), sequential_pairs, draw(5, 3)),
}


def Attention(t, *sizes):
    class SelfAttention(t.Module):
        def __init__(self):
            super().__init__()
            self.inner = t.MultiheadAttention(*sizes, batch_first=True)

        def forward(self, x):
            return self.inner(x, x, x, need_weights=False)[0]
    return SelfAttention()


def build(name, seed=0):
    """The layer and its PyTorch twin with the same random parameters (those that start as ones or zeros too)."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(seed)
    make, make_theirs, pairs, x = LAYERS[name]
    ours, theirs = make(rng(seed)), make_theirs(torch.nn).double()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(torch.randn_like(parameter))
    for p, q, layout in pairs(ours, theirs):
        value = layout(q.detach().numpy())
        assert p.shape == value.shape
        p.data = value.copy()
    return ours, theirs, pairs(ours, theirs), x, torch


@pytest.mark.parametrize("name", LAYERS)
def test_outputs_and_gradients_are_those_of_pytorchs_layer(name):
    ours, theirs, pairs, x, torch = build(name)
    assert len({id(p) for p, _, _ in pairs}) == len(ours.parameters())
    integers = x.dtype.kind == "i"
    a, b = x if integers else Tensor(x), torch.tensor(x, requires_grad=not integers)
    outputs, reference = leaves(ours(a)), leaves(theirs(b))
    total, expected = Tensor(0.0), 0.0
    for i, (y, z) in enumerate(zip(outputs, reference, strict=True)):
        np.testing.assert_allclose(y.data, z.detach().numpy().reshape(y.shape), rtol=1e-11, atol=1e-11)
        dy = draw(*y.shape, seed=7 + i)
        total, expected = total + (y * dy).sum(), expected + (z * torch.tensor(dy).reshape(z.shape)).sum()
    total.backward()
    if expected.requires_grad:
        expected.backward()
    for p, q, layout in pairs + ([] if integers else [(a, b, same)]):
        np.testing.assert_allclose(p.grad, layout(q.grad.numpy()), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", ["BatchNorm1d", "BatchNorm1d of sequences", "BatchNorm2d"])
def test_running_statistics_and_evaluation_are_pytorchs(name):
    ours, theirs, _, x, torch = build(name)
    for step in range(3):
        ours(2 * x + step), theirs(torch.tensor(2 * x + step))
    np.testing.assert_allclose(ours.running_mean, theirs.running_mean.numpy(), rtol=1e-12)
    np.testing.assert_allclose(ours.running_var, theirs.running_var.numpy(), rtol=1e-12)
    before = ours.running_mean
    y = ours.eval()(Tensor(x))
    np.testing.assert_allclose(y.data, theirs.eval()(torch.tensor(x)).detach().numpy(), rtol=1e-11, atol=1e-12)
    assert ours.running_mean is before


@pytest.mark.parametrize("name", [name for name in LAYERS if not name.startswith(("Transformer", "MultiHead"))])
def test_initial_values_are_spread_like_pytorchs(name):
    torch = pytest.importorskip("torch")
    make, make_theirs, pairs, _ = LAYERS[name]
    torch.manual_seed(0)
    draws = rng(0)
    drawn = [pairs(make(draws), make_theirs(torch.nn)) for _ in range(300)]
    for several in zip(*drawn):
        a, b = np.array([p.data.ravel() for p, _, _ in several]), np.array([q.detach().numpy().ravel() for _, q, _ in several])
        assert a.std() == pytest.approx(b.std(), rel=0.07) and abs(a.mean() - b.mean()) < 0.1 * b.std() + 1e-9
        if b.std() and name != "Embedding":
            assert np.abs(a).max() == pytest.approx(np.abs(b).max(), rel=0.05)


def test_initial_values_of_attention_are_spread_like_pytorchs():
    torch = pytest.importorskip("torch")
    ours, theirs = nn.MultiHeadAttention(64, 4, rng=rng(0)), torch.nn.MultiheadAttention(64, 4)
    for weight in ours.query.weight, ours.key.weight, ours.value.weight:
        assert np.abs(weight.data).max() == pytest.approx(theirs.in_proj_weight.abs().max().item(), rel=0.01)
        assert weight.data.std() == pytest.approx(theirs.in_proj_weight.std().item(), rel=0.05)
    assert np.abs(ours.out.weight.data).max() == pytest.approx(theirs.out_proj.weight.abs().max().item(), rel=0.01)
    assert all(not part.bias.data.any() for part in (ours.query, ours.key, ours.value, ours.out))


def test_the_networks_of_the_tutorials_have_their_parameter_counts():
    def count(model):
        return sum(p.data.size for p in model.parameters())

    def mlp(*sizes):
        return nn.Sequential(*(nn.Linear(a, b, rng=rng(0)) for a, b in zip(sizes, sizes[1:])))
    assert count(mlp(784, 64, 32, 10)) == 52650 and count(mlp(784, 128, 64, 10)) == 109386
    cnn = nn.Sequential(nn.Conv2d(3, 12, 3, padding=1, rng=rng(0)), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                        nn.Linear(12 * 16 * 16, 64, rng=rng(0)), nn.ReLU(), nn.Linear(64, 10, rng=rng(0)))
    assert count(cnn) == 197658 and cnn(draw(2, 3, 32, 32)).shape == (2, 10)


class Network(nn.Module):
    """Parts in attributes, in a list and shared."""

    def __init__(self, rng):
        self.norm = nn.BatchNorm1d(3)
        self.blocks = [nn.Linear(3, 3, rng=rng), nn.Sequential(nn.Linear(3, 4, rng=rng), nn.Tanh())]
        self.table = nn.Embedding(4, 3, rng=rng)
        self.again = self.table
        self.scales = [Tensor(2.0), Tensor([1.0, 2.0, 3.0])]
        self.codes = np.arange(3.0)
        self.order = np.array([2, 0, 1])
        self.notes = [np.zeros(2)]  # arrays in a list are no state

    def forward(self, x):
        return self.blocks[1](self.blocks[0](self.norm(x)[:, self.order] + self.codes) * self.scales[0] * self.scales[1])


def test_parameters_are_found_once_wherever_they_stand():
    model = Network(rng(0))
    assert [p.shape for p in model.parameters()] == [(), (3,), (3,), (3,), (3, 3), (3,), (3, 4), (4,), (4, 3)]
    assert [path for path, _ in model.modules()] == ["", "norm", "blocks.0", "blocks.1", "blocks.1.layers.0", "blocks.1.layers.1", "table", "again"]


def test_training_and_evaluation_reach_every_part():
    model = Network(rng(0))
    assert model.training and model.eval() is model
    assert not any(module.training for _, module in model.modules())
    assert model.train() is model and all(module.training for _, module in model.modules())


def test_numbers_survive_saving_and_loading(tmp_path):
    model, x = Network(rng(0)), draw(6, 3)
    model(x), model(3 * x + 1)
    np.savez(tmp_path / "model.npz", **model.state_dict())
    other = Network(rng(1))
    assert not np.allclose(other.eval()(x).data, model.eval()(x).data)
    with np.load(tmp_path / "model.npz") as state:
        other.load_state_dict(state)
    assert np.array_equal(other.eval()(x).data, model.eval()(x).data)
    assert set(model.state_dict()) == {"scales.0", "scales.1", "codes", "order", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var",
                                       "blocks.0.weight", "blocks.0.bias", "blocks.1.layers.0.weight", "blocks.1.layers.0.bias",
                                       "table.weight", "again.weight"}


def test_a_saved_state_is_a_copy_both_ways():
    model = nn.Linear(2, 2, rng=rng(0))
    state = model.state_dict()
    state["weight"][:] = 7
    assert not (model.weight.data == 7).any()
    weight = model.weight
    model.load_state_dict(state)
    state["weight"][:] = 8
    assert (model.weight.data == 7).all() and model.weight is weight  # an optimizer still holds it


def test_float32_networks_stay_float32():
    model, x = Network(rng(0)).to(np.float32), draw(6, 3).astype(np.float32)
    y = model(x)
    y.sum().backward()
    assert y.data.dtype == np.float32 and {p.grad.dtype for p in model.parameters() if p.grad is not None} == {np.dtype(np.float32)}

    def kinds(model):
        return {a.dtype for key, a in model.state_dict().items() if key != "order"}
    assert kinds(model) == {np.dtype(np.float32)} and model.order.dtype.kind == "i"
    model.load_state_dict(Network(rng(1)).state_dict())
    assert kinds(model) == {np.dtype(np.float32)} and model.order.dtype.kind == "i"
    block = nn.TransformerBlock(4, 2, 6, dropout=0.5, rng=rng(0)).to(np.float32)
    assert block(draw(2, 3, 4).astype(np.float32)).data.dtype == np.float32


def test_the_same_generator_makes_the_same_network():
    first, again, other = (Network(rng(seed)).state_dict() for seed in (0, 0, 1))
    assert all(np.array_equal(first[key], again[key]) for key in first)
    assert not np.array_equal(first["blocks.0.weight"], other["blocks.0.weight"])


def test_dropout_zeros_a_share_and_scales_the_rest_in_training_only():
    layer, x = nn.Dropout(0.3, rng=rng(0)), np.ones((200, 100))
    y = layer(x).data
    assert set(np.unique(y)) == {0, 1 / 0.7} and (y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert not np.array_equal(layer(x).data, y)
    assert np.array_equal(nn.Dropout(0.3, rng=rng(0))(x).data, y)
    assert layer.eval()(x) is x and nn.Dropout(0.0, rng=rng(0))(x) is x


def test_gates_may_reset_before_the_product():
    after, before = nn.GRU(3, 4, rng=rng(0)), nn.GRU(3, 4, reset_after=False, rng=rng(0))
    x = draw(2, 5, 3)
    from dlblocks.recurrent import gru
    weights = [p.data for p in before.parameters()]
    assert np.array_equal(before(x)[0].data, gru(x, None, *weights, reset_after=False)[0])
    assert not np.allclose(before(x)[0].data, after(x)[0].data)


@pytest.mark.parametrize("layer", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_recurrent_layer_goes_on_from_a_state_that_is_given(layer):
    model, x = layer(3, 4, rng=rng(0)), draw(2, 5, 3)
    hs, _ = model(x)
    _, state = model(x[:, :2])
    states = state if isinstance(state, tuple) else (state,)
    later, _ = model(x[:, 2:], *states)
    np.testing.assert_allclose(later.data, hs.data[:, 2:], rtol=1e-13)
    later.sum().backward()
    whole = [p.grad for p in model.parameters()]
    for p in model.parameters():
        p.grad = None
    hs[:, 2:].sum().backward()
    for p, grad in zip(model.parameters(), whole):
        np.testing.assert_allclose(p.grad, grad, rtol=1e-10, atol=1e-12)


def masks():
    return {"keys": np.array([[True, True, False], [True, True, True]])[:, None, None], "pairs": np.tril(np.ones((3, 3), bool)), "all": rng(1).random((2, 2, 3, 3)) < 0.7}


@pytest.mark.parametrize("kind", masks())
def test_attention_masks_are_pytorchs(kind):
    torch = pytest.importorskip("torch")
    ours, theirs, _, x, torch = build("MultiHeadAttention")
    mask = masks()[kind]
    mask[..., 0] = True  # PyTorch gives NaN where there is nothing to attend to
    options = {"key_padding_mask": torch.tensor(~mask[:, 0, 0])} if kind == "keys" else {"attn_mask": torch.tensor(~mask.reshape(-1, 3, 3).squeeze())}
    b = torch.tensor(x)
    expected, weights = theirs.inner(b, b, b, average_attn_weights=False, **options)
    np.testing.assert_allclose(ours(x, mask=mask).data, expected.detach().numpy(), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(ours.weights(x, mask=mask), weights.detach().numpy(), rtol=1e-11, atol=1e-12)


def test_attention_over_another_sequence_is_pytorchs():
    ours, theirs, _, x, torch = build("MultiHeadAttention")
    key, value = draw(2, 5, 4, seed=1), draw(2, 5, 4, seed=2)
    expected, weights = theirs.inner(*map(torch.tensor, (x, key, value)), average_attn_weights=False)
    np.testing.assert_allclose(ours(x, key, value).data, expected.detach().numpy(), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(ours.weights(x, key), weights.detach().numpy(), rtol=1e-11, atol=1e-12)
    assert np.array_equal(ours(x, key).data, ours(x, key, key).data)


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_causal_block_does_not_look_ahead(norm_first):
    block, x = nn.TransformerBlock(4, 2, 6, norm_first=norm_first, rng=rng(0)), draw(2, 5, 4)
    changed = x.copy()
    changed[:, 3:] = draw(2, 2, 4, seed=1)
    y, z = block(x, is_causal=True).data, block(changed, is_causal=True).data
    assert np.array_equal(y[:, :3], z[:, :3]) and not np.isclose(y[:, 3:], z[:, 3:]).any()
    assert not np.isclose(block(x).data[:, :3], block(changed).data[:, :3]).any()
    tril = np.tril(np.ones((5, 5), bool))
    np.testing.assert_allclose(block(x, mask=tril).data, y, rtol=1e-12)


def test_a_block_drops_out_in_training_only():
    block, x = nn.TransformerBlock(4, 2, 6, dropout=0.5, activation=nn.ops.gelu, rng=rng(0)), draw(2, 3, 4)
    assert not np.array_equal(block(x).data, block(x).data)
    assert np.array_equal(block.eval()(x).data, block(x).data)


def test_a_block_drops_out_after_attention_inside_and_after_the_linear_layers():
    shapes, block = [], nn.TransformerBlock(4, 2, 6, rng=rng(0))
    block.dropout = lambda x: shapes.append(x.shape) or x
    block(draw(2, 3, 4))
    assert shapes == [(2, 3, 4), (2, 3, 6), (2, 3, 4)]


def test_position_codes_differ_by_a_rotation():
    codes = nn.position_codes(50, 8)
    assert codes.shape == (50, 8) and codes[7, 2:4] == pytest.approx([np.sin(0.7), np.cos(0.7)])
    np.testing.assert_allclose((codes**2).sum(axis=1), 4)
    np.testing.assert_allclose((codes[3:] * codes[:-3]).sum(axis=1), (codes[3] * codes[0]).sum())


@pytest.mark.parametrize("call, error, message", [
    (lambda: nn.Linear(2, 3, rng=0), TypeError, "Linear: rng must be a numpy.random.Generator .* got 0"),
    (lambda: nn.Linear(2, 3), TypeError, "rng"),
    (lambda: nn.LSTM(2, 3, rng=None), TypeError, "LSTM: rng must be"),
    (lambda: nn.Embedding(2, 3, rng=None), TypeError, "Embedding: rng must be"),
    (lambda: nn.Dropout(0.5, rng=None), TypeError, "Dropout: rng must be"),
    (lambda: nn.Dropout(1.0, rng=rng(0)), ValueError, "Dropout: p must be at least 0.* and below 1, got 1"),
    (lambda: nn.BatchNorm1d(3, momentum=2), ValueError, "BatchNorm1d: momentum must be at least 0.* at most 1"),
    (lambda: nn.BatchNorm1d(3)(draw(2, 3, 4, 5)), ShapeError, r"BatchNorm1d: x must have 2 or 3 axes, got shape \(2, 3, 4, 5\)"),
    (lambda: nn.BatchNorm2d(3)(draw(2, 3)), ShapeError, r"BatchNorm2d: x must have 4 axes, got shape \(2, 3\)"),
    (lambda: nn.BatchNorm1d(3)(draw(1, 3)), ValueError, "batch_norm: needs more than one number per channel"),
    (lambda: nn.MultiHeadAttention(5, 2, rng=rng(0)), ValueError, "MultiHeadAttention: num_heads 2 must divide embed_dim 5"),
    (lambda: nn.position_codes(3, 5), ValueError, "position_codes: width must be even, got 5"),
    (lambda: nn.Linear(2, 3, rng=rng(0))(draw(4, 3)), ShapeError, "linear: weight axis 0"),
    (lambda: nn.Linear(2, 3, rng=rng(0)).load_state_dict({"weight": 0, "extra": 1}), ValueError, r"load_state_dict: missing \['bias'\], unknown \['extra'\]"),
    (lambda: nn.Linear(2, 3, rng=rng(0)).load_state_dict({"weight": np.ones((3, 2)), "bias": np.ones(3)}), ShapeError,
     r"load_state_dict: weight must have shape \(2, 3\), got \(3, 2\)"),
])
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_sequence_classifier_reads_the_last_real_state():
    rng = np.random.default_rng(0)
    for kind in (nn.RNN, nn.LSTM, nn.GRU):
        model = nn.SequenceClassifier(kind(2, 3, rng=rng), 4, rng=rng)
        x = rng.standard_normal((2, 5, 2))
        mask = np.array([[True] * 3 + [False] * 2, [True] * 5])
        both = model(x, mask).data
        assert np.allclose(both[0], model(x[:1, :3]).data[0]) and np.allclose(both[1], model(x[1:]).data[0])
        loss = nn.ops.cross_entropy(model(x, mask), [0, 1])
        loss.backward()
        assert all(np.abs(parameter.grad).max() > 0 for parameter in model.parameters())
    with pytest.raises(TypeError, match="mask must hold True and False"):
        model(x, mask * 1)
    with pytest.raises(ValueError, match=r"mask is \(2, 4\)"):
        model(x, mask[:, :4])
    with pytest.raises(ValueError, match="without a real step"):
        model(x, mask & False)
