import numpy as np
import pytest

from dlblocks import nn
from dlblocks.autograd import Tensor
from dlblocks.profile import Cost, cost_table, latency, profile

rng = np.random.default_rng


def costs_of(model, example):
    return [(cost.name, cost.layer, cost.output_shape, cost.parameters, cost.multiply_adds, cost.activation_bytes) for cost in profile(model, example)]


def simple_cnn():
    return nn.Sequential(nn.Conv2d(3, 12, 3, padding=1, rng=rng(0)), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                         nn.Linear(12 * 16 * 16, 64, rng=rng(0)), nn.ReLU(), nn.Linear(64, 10, rng=rng(0)))


def test_the_simple_cnn_step_by_step():
    assert costs_of(simple_cnn().to(np.float32), (1, 3, 32, 32)) == [
        ("layers.0", "Conv2d", (1, 12, 32, 32), 336, 12 * 32 * 32 * 27, 12 * 32 * 32 * 4),
        ("layers.1", "ReLU", (1, 12, 32, 32), 0, 0, 12 * 32 * 32 * 4),
        ("layers.2", "MaxPool2d", (1, 12, 16, 16), 0, 0, 12 * 16 * 16 * 4),
        ("layers.3", "Flatten", (1, 3072), 0, 0, 12 * 16 * 16 * 4),
        ("layers.4", "Linear", (1, 64), 196672, 3072 * 64, 64 * 4),
        ("layers.5", "ReLU", (1, 64), 0, 0, 64 * 4),
        ("layers.6", "Linear", (1, 10), 650, 640, 10 * 4),
    ]


def test_the_batch_multiplies_work_and_activations_but_not_parameters():
    one, four = profile(simple_cnn(), (1, 3, 32, 32)), profile(simple_cnn(), (4, 3, 32, 32))
    for a, b in zip(one, four):
        assert (b.parameters, b.multiply_adds, b.activation_bytes) == (a.parameters, 4 * a.multiply_adds, 4 * a.activation_bytes)
    assert sum(cost.parameters for cost in one) == 197658


def count_products(monkeypatch):
    """Count the multiply-adds of every matrix product of tensors by their shapes, as an independent measure."""
    counted = []
    for name in ("linear", "scaled_dot_product_attention", "lstm", "gru", "rnn"):
        def counting(*args, f=getattr(nn.ops, name), name=name, **options):
            shapes = [np.shape(a.data if isinstance(a, Tensor) else a) for a in args]
            if name == "linear":
                counted.append(np.prod(shapes[0][:-1]) * np.prod(shapes[1]))
            elif name == "scaled_dot_product_attention":
                *lead, t, e = shapes[0]
                counted.append(2 * np.prod(lead) * t * e * shapes[1][-2])
            return f(*args, **options)
        monkeypatch.setattr(nn.ops, name, counting)
    return counted


@pytest.mark.parametrize("make, shape", [
    (lambda: nn.TransformerBlock(8, 2, 16, rng=rng(0)), (3, 5, 8)),
    (lambda: nn.Sequential(nn.MultiHeadAttention(8, 4, rng=rng(0)), nn.Linear(8, 2, rng=rng(0))), (3, 5, 8)),
])
def test_attention_counts_its_projections_and_its_two_products(monkeypatch, make, shape):
    model = make()
    costs = profile(model, shape)
    counted = count_products(monkeypatch)
    model(np.zeros(shape))
    assert sum(cost.multiply_adds for cost in costs) == sum(counted) > 0
    assert sum(cost.parameters for cost in costs) == sum(p.data.size for p in model.parameters())


def test_attention_over_another_sequence_counts_its_length():
    class Cross(nn.Module):
        def __init__(self):
            self.attention = nn.MultiHeadAttention(4, 2, rng=rng(0))

        def forward(self, x):
            return self.attention(x, np.zeros((2, 7, 4))) + self.attention(x, key=np.zeros((2, 7, 4)))
    own = [cost.multiply_adds for cost in profile(Cross(), (2, 3, 4)) if cost.layer == "MultiHeadAttention"]
    assert own == [2 * 2 * 3 * 7 * 4] * 2
    assert sum(cost.parameters for cost in profile(Cross(), (2, 3, 4))) == 4 * (16 + 4)


@pytest.mark.parametrize("layer, gates", [(nn.RNN, 1), (nn.LSTM, 4), (nn.GRU, 3)])
def test_recurrent_layers_count_both_products_at_each_step(layer, gates):
    (cost,) = profile(layer(3, 5, rng=rng(0)), (2, 7, 3))
    assert cost.multiply_adds == 2 * 7 * gates * (3 * 5 + 5 * 5) and cost.parameters == gates * (3 * 5 + 5 * 5 + 2 * 5)
    assert cost.output_shape == (2, 7, 5) and cost.activation_bytes == 8 * (2 * 7 * 5 + (2 if layer is nn.LSTM else 1) * 2 * 5)


def test_ids_are_given_as_an_example_and_a_lookup_multiplies_nothing():
    model = nn.Sequential(nn.Embedding(10, 4, rng=rng(0)), nn.LayerNorm(4))
    assert costs_of(model, np.array([[1, 2, 3]])) == [("layers.0", "Embedding", (1, 3, 4), 40, 0, 96), ("layers.1", "LayerNorm", (1, 3, 4), 8, 0, 96)]


def test_groups_divide_the_work_of_a_convolution():
    (whole,), (grouped,) = (profile(nn.Conv2d(4, 8, 3, groups=groups, rng=rng(0)), (1, 4, 6, 6)) for groups in (1, 2))
    assert whole.multiply_adds == 2 * grouped.multiply_adds == 8 * 16 * 4 * 9


def test_a_layer_used_twice_works_twice_and_its_parameters_count_once():
    layer = nn.Linear(3, 3, rng=rng(0))
    costs = profile(nn.Sequential(layer, layer), (1, 3))
    assert [(cost.parameters, cost.multiply_adds) for cost in costs] == [(12, 9), (0, 9)]


class Scaled(nn.Module):
    def __init__(self):
        self.scale, self.layer = Tensor([1.0, 2.0]), nn.Linear(3, 2, rng=rng(0))

    def forward(self, x):
        return self.layer(x) * self.scale


def test_a_module_with_tensors_and_parts_has_a_row_of_its_own():
    assert [(cost.name, cost.layer, cost.parameters) for cost in profile(Scaled(), (1, 3))] == [("layer", "Linear", 8), ("", "Scaled", 2)]


def test_profiling_leaves_the_network_as_it_was_even_after_an_error():
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5, rng=rng(0)), nn.Linear(3, 2, rng=rng(0)))
    before = model.state_dict()
    profile(model, (4, 3))
    with pytest.raises(ValueError):
        profile(model, (4, 5))
    assert model.training
    profile(model.eval(), (4, 3))
    assert not model.training
    assert all(np.array_equal(before[key], value) for key, value in model.state_dict().items())
    assert not any("forward" in vars(module) for _, module in model.modules())


def test_the_table_adds_up():
    lines = cost_table([Cost("a", "Linear", (1, 2), 10, 20, 30), Cost("b", "ReLU", (1, 2), 0, 0, 3000)]).splitlines()
    assert lines[-1].split() == ["total", "10", "20", "3,030"] and len({len(line) for line in lines}) == 1


def test_latency_is_the_median_of_the_calls_after_the_warm_up(monkeypatch):
    clock, calls = iter([0, 100, 0, 1, 0, 2, 0, 3, 0, 4, 0, 50]), []
    monkeypatch.setattr("dlblocks.profile.time.perf_counter", lambda: next(clock))
    result = latency(lambda *args: calls.append(args), 7, 8, repeats=5, warmup=1)
    assert calls == [(7, 8)] * 6 and result.median == 3 and result.spread == 2


def test_latency_measures_something():
    quick, slow = latency(lambda: None), latency(lambda: sum(range(20000)))
    assert 0 <= quick.median < slow.median < 1 and slow.spread >= 0


@pytest.mark.parametrize("options, message", [({"repeats": 1}, "latency: repeats must be at least 2"), ({"warmup": -1}, "latency: warmup must be at least 0")])
def test_bad_calls(options, message):
    with pytest.raises(ValueError, match=message):
        latency(lambda: None, **options)
