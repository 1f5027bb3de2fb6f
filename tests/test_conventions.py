"""The map of names and conventions is true: every name exists, and every entry of every table is measured in the installed framework."""

import importlib
import importlib.util
import os
import re
import warnings

import numpy as np
import pytest

import dlblocks.functional as F
from book_files import CHAPTERS, ROOT, code_cells, fenced, markdown, output_text
from dlblocks import nn, optim
from dlblocks.autograd import Tensor
from dlblocks.book import conventions as book
from dlblocks.modules import ops

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
PACKAGES = {"this book": [], "PyTorch": ["torch"], "Keras": ["keras", "jax"], "JAX": ["jax"]}
BLOCKS = [name for name in F.__all__ if not name.endswith("_backward")]
RNG = np.random.default_rng(0)
X = np.array([[-3.0, -1.0, 0.0, 0.5], [1.0, 2.0, 4.0, -0.25]])


def load(framework):
    """Import a framework's packages, or skip."""
    for package in PACKAGES[framework]:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    return [importlib.import_module(package) for package in PACKAGES[framework]]


class Lazy:
    """``torch.nn`` in a measurement imports torch when it runs."""

    def __init__(self, name):
        self.name = name

    def __getattr__(self, attribute):
        return getattr(importlib.import_module(self.name), attribute)


torch, keras, jax, jnp = Lazy("torch"), Lazy("keras"), Lazy("jax"), Lazy("jax.numpy")


def array(x):
    return x.data if isinstance(x, Tensor) else x.detach().numpy() if hasattr(x, "detach") else np.asarray(x)


def find(name):
    """What a name of the map stands for."""
    root, _, rest = {"F": "torch.nn.functional.", "nn": "torch.nn.", "torch": "torch.", "jax": "jax."}.get(name.split(".")[0], "keras.").rpartition(".")
    value = importlib.import_module(root)
    for part in name.split(".")[0 if root == "keras" else 1:]:
        value = getattr(value, part)
    return value


def test_the_map_has_every_block_and_nothing_else():
    assert list(book.NAMES) and sorted(book.NAMES) == sorted(BLOCKS)
    assert all(len(names) == 4 for names in book.NAMES.values())


@pytest.mark.parametrize("framework, columns", [("PyTorch", (0, 1)), ("Keras", (2,)), ("JAX", (3,))])
def test_every_name_exists(framework, columns):
    load(framework)
    for names in book.NAMES.values():
        for column in columns:
            assert names[column] == book.WRITE or callable(find(names[column]))


@pytest.mark.parametrize("framework, column", [("PyTorch", 0), ("PyTorch", 1), ("Keras", 2), ("JAX", 3)])
@pytest.mark.parametrize("block", "relu leaky_relu elu sigmoid tanh softplus silu gelu softmax log_softmax".split())
def test_activations_of_one_name_give_the_same_numbers(block, framework, column):
    load(framework)
    x = torch.tensor(X) if framework == "PyTorch" else jnp.asarray(X)
    f = find(book.NAMES[block][column])
    last = {"dim": -1} if framework == "PyTorch" and "softmax" in block else {}
    y = f(**last)(x) if column == 1 else f(x, **last)
    options = {("leaky_relu", "Keras"): {"negative_slope": 0.2}, ("gelu", "JAX"): {"approximate": "tanh"}}.get((block, framework), {})
    assert array(y) == pytest.approx(getattr(F, block)(X, **options), rel=1e-5, abs=1e-6)


def test_versions_are_those_that_are_installed_for_the_tests():
    pinned = (ROOT / "requirements-test.txt").read_text() + (ROOT / "requirements-frameworks.txt").read_text()
    assert all(re.search(rf"^{package}=={re.escape(version)}(\s|$)", pinned, flags=re.M) for package, version in book.VERSIONS.items())


def test_the_chapter_shows_every_table():
    path = next(path for path in CHAPTERS if path.stem.endswith("_frameworks"))
    text, printed = markdown(path), "\n".join(map(output_text, code_cells(path)))
    assert book.name_table() in text
    for part in book.CONVENTIONS:
        assert book.convention_table(part) in text or book.convention_text(part) in printed, part


def test_every_tab_of_the_chapter_prints_what_its_own_cell_prints():
    path = next(path for path in CHAPTERS if path.stem.endswith("_frameworks"))
    tabs = re.findall(r"^:::\{tab-item\} \w+\n(.*?)^:::$", markdown(path), flags=re.S | re.M)
    stored = [fenced(tab, "text")[0] for tab in tabs]
    assert len(stored) == 3 and len(set(stored)) == 1
    assert stored[0] in [output_text(cell) for cell in code_cells(path)]


# Weights that are moved give the same numbers

def weights(block):
    """Random arrays of a block's weights with sizes that are all different, and an input."""
    sizes = {"I": 3, "O": 2, "V": 5, "D": 2, "C": 3, "kh": 2, "kw": 4, "H": 2, "G": 2 * len(book.GATES.get(block, "n").split()[0])}
    drawn = {name: RNG.standard_normal([sizes[axis] for axis in axes.split()]) for of, name, axes, *_ in book.LAYOUTS if of == block}
    x = {"conv2d": (2, 3, 5, 6), "rnn": (2, 4, 3), "lstm": (2, 4, 3), "gru": (2, 4, 3)}.get(block, (4, 3))
    return drawn, np.array([[0, 4, 2]]) if block == "embedding" else RNG.standard_normal(x)


def ours(block, x, w):
    state = {"rnn": (None,), "gru": (None,), "lstm": (None, None)}.get(block, ())
    y = getattr(F, block)(x, *state, **w)
    return y[0] if isinstance(y, tuple) else y


def torch_layer(block, x, w):
    t = torch.nn
    layer = {"linear": lambda: t.Linear(3, 2), "embedding": lambda: t.Embedding(5, 2), "conv2d": lambda: t.Conv2d(3, 2, (2, 4)),
             "batch_norm": lambda: t.BatchNorm1d(3), "layer_norm": lambda: t.LayerNorm(3), "rnn": lambda: t.RNN(3, 2, batch_first=True),
             "lstm": lambda: t.LSTM(3, 2, batch_first=True), "gru": lambda: t.GRU(3, 2, batch_first=True)}[block]().double()
    assert [name for name, _ in layer.named_parameters()] == list(w)
    layer.load_state_dict({name: torch.tensor(a) for name, a in w.items()}, strict=False)
    y = layer(torch.tensor(x))
    return array(y[0] if isinstance(y, tuple) else y)


def keras_layer(block, x, w):
    k, epsilon = keras.layers, {"epsilon": 1e-5}
    layer = {"linear": lambda: k.Dense(2), "embedding": lambda: k.Embedding(5, 2), "conv2d": lambda: k.Conv2D(2, (2, 4)),
             "batch_norm": lambda: k.BatchNormalization(**epsilon), "layer_norm": lambda: k.LayerNormalization(**epsilon),
             "rnn": lambda: k.SimpleRNN(2, return_sequences=True), "lstm": lambda: k.LSTM(2, return_sequences=True),
             "gru": lambda: k.GRU(2, return_sequences=True)}[block]()
    x = np.moveaxis(x, 1, -1) if block == "conv2d" else x
    layer(x)
    names = [v.name for v in layer.trainable_variables]
    assert names == list(w)
    for variable in layer.trainable_variables:
        variable.assign(w[variable.name])
    y = array(layer(x, training=True) if block == "batch_norm" else layer(x))
    return np.moveaxis(y, -1, 1) if block == "conv2d" else y


@pytest.mark.parametrize("framework, layer, tolerance", [("PyTorch", torch_layer, 1e-12), ("Keras", keras_layer, 1e-5)])
@pytest.mark.parametrize("block", dict.fromkeys(row[0] for row in book.LAYOUTS))
def test_converted_weights_give_the_same_numbers(block, framework, layer, tolerance):
    load(framework)
    w, x = weights(block)
    assert layer(block, x, book.convert(block, framework, **w)) == pytest.approx(ours(block, x, w), rel=tolerance, abs=tolerance)
    assert all(np.array_equal(a, w[name]) for name, a in book.convert(block, "JAX", **w).items())


def test_convert_names_the_blocks_that_have_weights():
    with pytest.raises(KeyError, match="relu has no weights; those with weights are linear, embedding"):
        book.convert("relu", "PyTorch")


# Every entry of the tables, measured

def axes(shape, names):
    return "(" + ", ".join(names[size] for size in shape) + ")"


def call(f):
    try:
        return array(f())
    except (ValueError, RuntimeError, IndexError) as error:
        return error


def takes_channels(apply):
    """The image layout that a convolution of 3 channels takes."""
    return "N C H W" if not isinstance(call(lambda: apply((1, 3, 5, 6))), Exception) else "N H W C"


def order(flat):
    return {(0, 1, 2, 3): "channel by channel", (0, 2, 1, 3): "pixel by pixel"}[tuple(array(flat).ravel().astype(int))]


IMAGE = np.arange(4.0).reshape(1, 2, 1, 2)  # two channels of one row and two pixels: 0 1 and 2 3


def time_axis(shape):
    """Where time stands in the states of 5 steps, 2 sequences."""
    return {(2, 5): "batch, time, input", (5, 2): "time, batch, input"}[tuple(shape[:2])]


def gates(run, names, count):
    """The order of the gates, found by raising the bias of one gate after the other: ``run(bias)`` gives the state after
    one step from the state 0.5 (for an LSTM the cell 0.5) with no weights, and for an LSTM its cell."""
    found = []
    for place in range(count):
        bias = np.zeros(count)
        bias[place] = 100
        found.append(names[tuple(np.round(array(run(bias)).astype(float), 3).ravel())])
    return " ".join(found)


# from h = 0.5, all biases 0: r = z = 1/2, n = 0, h = 0.25; r alone changes nothing, z keeps 0.5, n fills 0.5 + 0.25
GRU = {(0.25,): "r", (0.5,): "z", (0.75,): "n"}
# h and c from c = 0.5: i = 1 alone changes nothing; f = 1 keeps 0.5; g = 1 adds 0.5; o = 1 shows all of 0.25
LSTM = {(0.122, 0.25): "i", (0.231, 0.5): "f", (0.318, 0.75): "g", (0.245, 0.25): "o"}


def torch_gru(bias, h=0.5, **weights):
    cell = torch.nn.GRUCell(1, 1)
    for p in cell.parameters():
        torch.nn.init.zeros_(p)
    cell.bias_ih.data = torch.tensor(bias, dtype=torch.float32)
    return cell(torch.zeros(1, 1), torch.full((1, 1), h))


def keras_gru(bias):
    cell = keras.layers.GRUCell(1)
    cell.build((None, 1))
    cell.set_weights([np.zeros((1, 3)), np.zeros((1, 3)), np.stack([bias, 0 * bias])])
    return cell(np.zeros((1, 1)), [jnp.full((1, 1), 0.5)])[0]


def torch_lstm(bias):
    cell = torch.nn.LSTMCell(1, 1)
    for p in cell.parameters():
        torch.nn.init.zeros_(p)
    cell.bias_ih.data = torch.tensor(bias, dtype=torch.float32)
    return torch.cat(cell(torch.zeros(1, 1), (torch.zeros(1, 1), torch.full((1, 1), 0.5))))


def keras_lstm(bias):
    cell = keras.layers.LSTMCell(1)
    cell.build((None, 1))
    cell.set_weights([np.zeros((1, 4)), np.zeros((1, 4)), bias])
    return np.concatenate(cell(np.zeros((1, 1)), [jnp.zeros((1, 1)), jnp.full((1, 1), 0.5)])[1])


def built(layer, shape):
    layer.build(shape)
    return layer


def axis_of(weight, shape):
    """"second axis" or "last axis", for a batch norm's weight after an input of shape (4, 3, 5)."""
    return {shape[1]: "second axis", shape[-1]: "last axis"}[weight.shape[0]]


def spread(values, fan_in, fan_out=0):
    """What the first numbers of a layer are."""
    values = array(values).astype(float)
    reach, deviation, bounds = np.abs(values).max(), values.std(), {"within 1/sqrt(in)": fan_in**-0.5, "within 0.05": 0.05}
    if fan_out:
        bounds["within sqrt(6/(in + out))"] = (6 / (fan_in + fan_out)) ** 0.5
    if reach == 0:
        return "0"
    for words, bound in bounds.items():
        if 0.97 * bound < reach <= bound * 1.0001 and deviation == pytest.approx(bound / 3**0.5, rel=0.1):
            return words
    return "normal" if deviation == pytest.approx(1, rel=0.05) and reach > 3 else f"something within {reach}"


def forget(bias, hidden):
    """The first forget biases of an LSTM (gates i f g o) against the others."""
    parts = array(bias).reshape(4, hidden)
    return "as the others" if np.abs(parts[1]).max() <= hidden**-0.5 else f"{parts[1].min():g}" if np.ptp(parts[1]) == 0 else "?"


def biases(shapes):
    """Of a recurrent layer with H = 2."""
    return {1: "one of two rows" if len(shapes[0]) == 2 else "one", 2: "two"}[len(shapes)]


def epsilon(y, deviation=0.001):
    """The epsilon behind y, the normalized second of two numbers that lie ``deviation`` on either side of their mean."""
    return f"{(deviation / array(y).astype(float).ravel()[-1]) ** 2 - deviation ** 2:.0e}".replace("e-0", "e-")


PAIR = np.array([[-0.001], [0.001]], dtype=np.float32)


def slope(y):
    """Of a leaky ReLU at -1."""
    return f"{-float(array(y).item()):.2g}"


def gelu(y):
    """Of a GELU at 1."""
    return {"0.8413": "exact", "0.8412": "tanh"}[f"{float(array(y).item()):.4f}"]


def share(kept, p=0.2):
    """What the probability 0.2 says, from the share that a dropout keeps."""
    return "to keep" if abs(kept - p) < 0.05 else "to drop" if abs(kept - (1 - p)) < 0.05 else f"keeps {kept}"


def variance(value):
    """Of two numbers 0 and 2."""
    return {1: "biased", 2: "unbiased"}[round(float(array(value).item()), 4)]


def off(layer, training, evaluation):
    """When a dropout layer hands on its input: ``training`` and ``evaluation`` apply it."""
    ones = np.ones((50, 4), dtype=np.float32)
    assert not np.allclose(array(training(layer, ones)), ones) and np.allclose(array(evaluation(layer, ones)), ones)


def torch_dropout_off():
    layer = torch.nn.Dropout(0.5)
    off(layer, lambda f, x: f(torch.tensor(x)), lambda f, x: f.eval()(torch.tensor(x)))
    return "after `eval()`"


def keras_dropout_off():
    off(keras.layers.Dropout(0.5), lambda f, x: f(x, training=True), lambda f, x: f(x))
    return "unless `training=True`"


def our_dropout_off():
    off(nn.Dropout(0.5, rng=RNG), lambda f, x: f(x), lambda f, x: f.eval()(x))
    return "after `eval()`"


def running(layer_var):
    """What a batch norm stores: the running variance after a batch 0, 2, started from 1, with the new variance's share s."""
    return {1.0: "biased", 1.1: "unbiased"}[round(float(array(layer_var).item()), 4)]


def keras_running_var():
    layer = keras.layers.BatchNormalization(momentum=0.9)
    layer(np.array([[0.0], [2.0]]), training=True)
    return running(layer.moving_variance)


def momentum(mean):
    """Of a batch norm that met one batch of mean 10, from 0."""
    s = round(float(array(mean).item()) / 10, 4)
    return f"{s:g} of the new"


def first(layer, x):
    layer(x)
    return layer


def keras_momentum():
    layer = keras.layers.BatchNormalization()
    layer(np.array([[10.0], [10.0]]), training=True)
    moved = float(layer.moving_mean[0]) / 10
    assert moved == pytest.approx(1 - layer.momentum, abs=1e-5)
    return f"{layer.momentum:g} of the old"


SCORES = np.array([[0.0, 2.0, 1.0], [1.0, 0.0, 0.0]])


def what_is_taken(loss):
    """Whether a cross-entropy reads scores 4 and 3 of class 1 as logits or as shares of 7."""
    return {"1.3133": "logits", "0.8473": "probabilities"}[f"{float(array(loss).item()):.4f}"]


def argument_order(prediction_first, target_first):
    """``prediction_first`` and ``target_first`` give the loss for each order of the arguments, of class 1 of log [1, 3] or [0.25, 0.75]."""
    right = [not isinstance(value := call(f), Exception) and np.isclose(float(value), -np.log(0.75), atol=1e-4)
             for f in (prediction_first, target_first)]
    return {(True, False): "prediction, target", (False, True): "target, prediction"}[tuple(right)]


LOGITS, PROBABILITIES = np.log([[1.0, 3.0]]), np.array([[0.25, 0.75]])


def mean_by(value):
    """Two rows of losses ln 2 and ln 4, with weights 1 and 3."""
    total = np.log(2) + 3 * np.log(4)
    return {round(total / 4, 4): "sum of weights", round(total / 2, 4): "number of rows"}[round(float(array(value)), 4)]


WEIGHTED = np.log([[2.0, 2.0], [3.0, 1.0]])  # classes 0 and 1: probabilities 1/2 and 1/4


def reduction(value):
    """Of squared errors 1 and 9."""
    return {5.0: "mean", 10.0: "sum"}[float(array(value))]


def classes(apply):
    """``apply(scores)`` with 2 examples, 3 classes and 5 places: the axis of the classes, by which shape is taken."""
    return {(True, False): "second axis", (False, True): "last axis"}[
        tuple(not isinstance(call(lambda: apply(np.zeros(shape, dtype=np.float32))), Exception) for shape in ((2, 3, 5), (2, 5, 3)))]


TARGETS = np.zeros((2, 5), dtype=np.int64)


def same(apply):
    """The rows of 4 under padding "same" with stride 2."""
    y = call(apply)
    return "error" if isinstance(y, Exception) else {2: "half the size"}[y.shape[2 if y.shape[1] == 1 else 1]]


def padded_average(y):
    """Of a single 4, windows of 2 by 2 with one zero beside it."""
    return {1.0: "count", 4.0: "do not count"}[float(array(y).ravel()[0])]


QKV = np.array([[1.0], [3.0]], dtype=np.float32).reshape(1, 2, 1, 1)  # batch, tokens, heads, width
MASK = np.array([[True, False], [True, False]])


def allowed(y):
    """Where the mask says True for token 0 alone, whose value is 1: is 1 what comes out?"""
    return {1.0: "may attend", 3.0: "may not"}[round(float(array(y).ravel()[0]), 4)]


def nothing(y):
    return {0.0: "zeros", 2.0: "mean of the values"}[round(float(array(y).ravel()[0]), 4)]


def torch_attention(mask):
    q = torch.tensor(QKV.swapaxes(1, 2))
    return torch.nn.functional.scaled_dot_product_attention(q, q, q, torch.tensor(mask))


def torch_masks():
    module = torch.nn.MultiheadAttention(1, 1, bias=False, batch_first=True)
    module.in_proj_weight.data.fill_(1), module.out_proj.weight.data.fill_(1)
    q = torch.tensor(QKV[:, :, 0])
    answer = allowed(module(q, q, q, attn_mask=torch.tensor(MASK))[0])
    return f"function {allowed(torch_attention(MASK)).split()[0]}, module {answer}"


def heads(apply):
    """Two tokens, one head each, of equal queries: which axis is mixed? Values 1 and 3 on axis 1 or axis 2."""
    value = np.array([1.0, 3.0], dtype=np.float32)
    tokens_second = apply(np.zeros((1, 2, 1, 1), np.float32), value.reshape(1, 2, 1, 1))
    return {2.0: "after the tokens", 1.0: "before the tokens"}[float(array(tokens_second).ravel()[0])]


def too_large(apply):
    y = call(apply)
    return type(y).__name__ if isinstance(y, Exception) else "NaN" if np.isnan(y.astype(float)).all() else "a row"


def keeps(h):
    return {0.5: "keeps the old", 0.0: "replaces the old"}[round(float(array(h).item()), 4)]


def reset(h):
    """One step with h = [1, 1], U_n = [[1, 1], [0, 0]], r = [1, 0], z = 0: n = tanh(r * (h U)) is [tanh 1, 0], tanh((r * h) U) [tanh 1, tanh 1]."""
    return {0.0: "after the product", 0.7616: "before the product"}[round(float(array(h).ravel()[1]), 4)]


RESET = {"weight_hh": np.concatenate([np.zeros((2, 4)), [[1, 1], [0, 0]]], axis=1), "bias_ih": np.array([100, -100, -100, -100, 0, 0.0])}


def torch_reset():
    cell, w = torch.nn.GRUCell(1, 2), book.convert("gru", "PyTorch", **RESET)
    for p in cell.parameters():
        torch.nn.init.zeros_(p)
    cell.weight_hh.data, cell.bias_ih.data = (torch.tensor(w[name], dtype=torch.float32) for name in ("weight_hh_l0", "bias_ih_l0"))
    return reset(cell(torch.zeros(1, 1), torch.ones(1, 2)))


def keras_reset():
    cell = built(keras.layers.GRUCell(2), (None, 1))
    w = book.convert("gru", "Keras", **RESET, bias_hh=np.zeros(6))
    cell.set_weights([np.zeros((1, 6)), w["recurrent_kernel"], w["bias"]])
    return reset(cell(np.zeros((1, 1)), [jnp.ones((1, 2))])[0])


def second_call(gradients):
    """Of x^2 at 3, asked twice."""
    return {12.0: "add up", 6.0: "start anew"}[float(array(gradients).item())]


def torch_second():
    x = torch.tensor(3.0, requires_grad=True)
    for _ in range(2):
        (x * x).backward()
    return second_call(x.grad)


def our_second():
    x = Tensor(3.0)
    for _ in range(2):
        (x * x).backward()
    return second_call(x.grad)


def keras_second():
    """A layer w = 3 with the loss w^2, trained twice with rate 0: the step that a rate of 1 then makes is one gradient."""
    model = keras.Sequential([keras.layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(3.0))])
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    model.train_on_batch(one, zero)
    model.optimizer.learning_rate = 1.0
    model.train_on_batch(one, zero)
    return second_call(3 - model.get_weights()[0])


def drawn(value):
    return f"{float(array(value).item()):.4f}"


def draws(a, b):
    return "differs" if float(array(a).item()) != float(array(b).item()) else "repeats, with one key"


def given64(apply):
    y = call(apply)
    return "error" if isinstance(y, Exception) else {"float64": "kept", "float32": "to float32"}[str(y.dtype)]


def default(f, name):
    import inspect
    return inspect.signature(f).parameters[name].default


def number(value):
    return f"{value:.0e}".replace("e-0", "e-") if value < 1e-4 else f"{value:g}"


def relu_slope(value):
    return f"{float(array(value).item()):g}"


def pooling_stride(y):
    """Windows of 2 over 4 numbers."""
    return {2: "the window", 3: "1"}[max(array(y).shape)]


def torch_relu_slope():
    x = torch.tensor(0.0, requires_grad=True)
    torch.relu(x).backward()
    return relu_slope(x.grad)


def bias_words(bias, function=None):
    """Whether a layer has a bias; ``function`` calls the function with weights of 0, so that only a bias could show."""
    assert bias is not None
    return "the layer" if function is None else "only the layer" if not array(function()).any() else "both"


L = Lazy("torch.nn")
TF = Lazy("torch.nn.functional")
K = Lazy("keras.layers")
LINE = np.arange(4.0, dtype=np.float32).reshape(1, 1, 1, 4)
FOUR = np.full((1, 1, 1, 1), 4.0, dtype=np.float32)
ROWS = np.ones((1, 1, 4, 1), dtype=np.float32)


def t(x):
    return torch.tensor(np.asarray(x))


def quiet(f, *args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return f(*args, **options)


# subject: what measures it in this book, PyTorch, Keras, JAX, in the order of the table's columns; None where it says "your own"
MEASURED = {
    "weight of `linear`": (
        lambda: axes(nn.Linear(3, 2, rng=RNG).weight.shape, {3: "in", 2: "out"}), lambda: axes(L.Linear(3, 2).weight.shape, {3: "in", 2: "out"}),
        lambda: axes(built(K.Dense(2), (None, 3)).kernel.shape, {3: "in", 2: "out"})),
    "weight of `conv2d`": (
        lambda: axes(nn.Conv2d(3, 4, (1, 2), rng=RNG).weight.shape, {3: "in", 4: "out", 1: "kh", 2: "kw"}),
        lambda: axes(L.Conv2d(3, 4, (1, 2)).weight.shape, {3: "in", 4: "out", 1: "kh", 2: "kw"}),
        lambda: axes(built(K.Conv2D(4, (1, 2)), (None, 5, 6, 3)).kernel.shape, {3: "in", 4: "out", 1: "kh", 2: "kw"}),
        lambda: {(1, 4, 5, 5): "(out, in, kh, kw)"}[jax.lax.conv(jnp.zeros((1, 3, 5, 6)), jnp.zeros((4, 3, 1, 2)), (1, 1), "VALID").shape]),
    "images": (
        lambda: takes_channels(lambda s: F.conv2d(np.zeros(s), np.zeros((4, 3, 1, 1)))),
        lambda: takes_channels(lambda s: L.Conv2d(3, 4, 1)(torch.zeros(s))),
        lambda: {3: "N H W C", 7: "N C H W"}[built(K.Conv2D(4, 1), (None, 7, 6, 3)).kernel.shape[2]],
        lambda: takes_channels(lambda s: jax.lax.conv_general_dilated(jnp.zeros(s), jnp.zeros((4, 3, 1, 1)), (1, 1), "VALID"))),
    "flatten runs": (
        lambda: order(nn.Flatten()(Tensor(IMAGE))), lambda: order(L.Flatten()(t(IMAGE))),
        lambda: order(K.Flatten()(np.moveaxis(IMAGE, 1, -1)))),
    "sequences": (
        lambda: time_axis(nn.GRU(3, 4, rng=RNG)(np.zeros((2, 5, 3)), np.zeros((2, 4)))[0].shape),
        lambda: time_axis(L.GRU(3, 4)(torch.zeros(5, 2, 3), torch.zeros(1, 2, 4))[0].shape),
        lambda: {(2, 4): "batch, time, input", (5, 4): "time, batch, input"}[K.GRU(4)(np.zeros((2, 5, 3))).shape]),
    "weights of `gru`": tuple(
        (lambda f=f: ", ".join(axes(w, {5: "in", 6: "3 H", 2: "H"}) for w in f()))
        for f in (lambda: [p.shape for p in nn.GRU(5, 2, rng=RNG).parameters()[:2]],
                  lambda: [p.shape for p in list(L.GRU(5, 2).parameters())[:2]],
                  lambda: [w.shape for w in built(K.GRU(2), (None, 4, 5)).get_weights()[:2]])),
    "gates of `gru`": (
        lambda: gates(lambda b: F.gru_cell([0.0], [0.5], np.zeros((1, 3)), np.zeros((1, 3)), b), GRU, 3),
        lambda: gates(torch_gru, GRU, 3), lambda: gates(keras_gru, GRU, 3)),
    "gates of `lstm`": (
        lambda: gates(lambda b: np.stack(F.lstm_cell([0.0], [0.0], [0.5], np.zeros((1, 4)), np.zeros((1, 4)), b)), LSTM, 4),
        lambda: gates(torch_lstm, LSTM, 4), lambda: gates(keras_lstm, LSTM, 4)),
    **{f"biases of `{name.lower()}`": (
        lambda name=name: biases([p.shape for p in getattr(nn, name)(3, 2, rng=RNG).parameters()[2:]]),
        lambda name=name: biases([p.shape for p in list(getattr(L, name)(3, 2).parameters())[2:]]),
        lambda name=name: biases([w.shape for w in built(getattr(K, name)(2), (None, 4, 3)).get_weights()[2:]])) for name in ("GRU", "LSTM")},
    "features in `batch_norm`": (
        lambda: axis_of(first(nn.BatchNorm1d(3), np.ones((4, 3, 5))).weight, (4, 3, 5)),
        lambda: axis_of(first(L.BatchNorm1d(3), torch.ones(4, 3, 5)).weight, (4, 3, 5)),
        lambda: axis_of(first(K.BatchNormalization(), np.ones((4, 3, 5))).gamma, (4, 3, 5))),
    "classes in `cross_entropy`": (
        lambda: classes(lambda x: F.cross_entropy(x, TARGETS)), lambda: classes(lambda x: TF.cross_entropy(t(x), t(TARGETS))),
        lambda: classes(lambda x: keras.losses.SparseCategoricalCrossentropy(from_logits=True)(TARGETS, x))),
    "heads in attention": (
        lambda: heads(lambda q, v: F.scaled_dot_product_attention(q, q, v)),
        lambda: heads(lambda q, v: TF.scaled_dot_product_attention(t(q), t(q), t(v))),
        lambda: heads(lambda q, v: keras.ops.dot_product_attention(q, q, v)), lambda: heads(lambda q, v: jax.nn.dot_product_attention(q, q, v))),
    "first weights of `linear`": (
        lambda: spread(nn.Linear(100, 50, rng=RNG).weight, 100, 50), lambda: spread(L.Linear(100, 50).weight, 100, 50),
        lambda: spread(built(K.Dense(50), (None, 100)).kernel, 100, 50)),
    "first bias of `linear`": (
        lambda: spread(nn.Linear(100, 900, rng=RNG).bias, 100), lambda: spread(L.Linear(100, 900).bias, 100),
        lambda: spread(built(K.Dense(900), (None, 100)).bias, 100)),
    "first table of `embedding`": (
        lambda: spread(nn.Embedding(100, 50, rng=RNG).weight, 100), lambda: spread(L.Embedding(100, 50).weight, 100),
        lambda: spread(built(K.Embedding(100, 50), (None, 3)).embeddings, 100)),
    "first forget bias of `lstm`": (
        lambda: forget(nn.LSTM(3, 2, rng=RNG).bias_ih, 2), lambda: forget(L.LSTM(3, 2).bias_ih_l0, 2),
        lambda: forget(built(K.LSTM(2), (None, 4, 3)).get_weights()[2], 2)),
    "first draw of seed 0": (
        lambda: drawn(np.random.default_rng(0).random()), lambda: drawn(torch.rand(1, generator=torch.Generator().manual_seed(0))),
        lambda: drawn(keras.random.uniform((), seed=0)), lambda: drawn(jax.random.uniform(jax.random.key(0)))),
    "bias, unless told": (
        lambda: bias_words(nn.Linear(3, 2, rng=RNG).bias, lambda: F.linear(np.ones(3), np.zeros((3, 2)))),
        lambda: bias_words(L.Linear(3, 2).bias, lambda: TF.linear(torch.ones(3), torch.zeros(2, 3))),
        lambda: bias_words(built(K.Dense(2), (None, 3)).bias)),
    "type of the weights": (
        lambda: str(nn.Linear(3, 2, rng=RNG).weight.data.dtype), lambda: str(L.Linear(3, 2).weight.dtype).removeprefix("torch."),
        lambda: str(built(K.Dense(2), (None, 3)).kernel.dtype), lambda: str(jax.random.normal(jax.random.key(0), (3, 2)).dtype)),
    "float64 given to a layer": (
        lambda: given64(lambda: nn.Linear(3, 2, rng=RNG)(np.ones((1, 3)))), lambda: given64(lambda: L.Linear(3, 2)(t(np.ones((1, 3))))),
        lambda: given64(lambda: K.Dense(2)(np.ones((1, 3)))), lambda: given64(lambda: jnp.ones((3, 2)).T @ jnp.asarray(np.ones(3)))),
    "epsilon of `batch_norm`": (
        lambda: epsilon(nn.BatchNorm1d(1)(PAIR)), lambda: epsilon(L.BatchNorm1d(1)(t(PAIR))),
        lambda: epsilon(K.BatchNormalization()(PAIR, training=True))),
    "epsilon of `layer_norm`": (
        lambda: epsilon(nn.LayerNorm(2)(PAIR.T)), lambda: epsilon(L.LayerNorm(2)(t(PAIR.T))),
        lambda: epsilon(K.LayerNormalization()(PAIR.T)), lambda: epsilon(jax.nn.standardize(PAIR.T))),
    "momentum of `batch_norm`": (
        lambda: momentum(first(nn.BatchNorm1d(1), np.full((2, 1), 10.0)).running_mean),
        lambda: momentum(first(L.BatchNorm1d(1), torch.full((2, 1), 10.0)).running_mean), keras_momentum),
    "slope of `leaky_relu`": (
        lambda: slope(F.leaky_relu([-1.0])), lambda: slope(TF.leaky_relu(torch.tensor([-1.0]))),
        lambda: f"{slope(keras.ops.leaky_relu(np.array([-1.0])))}, layer {slope(K.LeakyReLU()(np.array([-1.0])))}",
        lambda: slope(jax.nn.leaky_relu(jnp.array([-1.0])))),
    "form of `gelu`": (
        lambda: gelu(F.gelu([1.0])), lambda: gelu(TF.gelu(torch.ones(1))),
        lambda: f"{gelu(keras.activations.gelu(np.ones(1)))}, in ops {gelu(keras.ops.gelu(np.ones(1)))}",
        lambda: gelu(jax.nn.gelu(jnp.ones(1)))),
    "epsilon of `Adam`": (
        lambda: number(default(optim.Adam, "eps")), lambda: number(default(torch.optim.Adam, "eps")), lambda: number(keras.optimizers.Adam().epsilon)),
    **{f"rate of `{name}`": (
        lambda name=name: number(default(getattr(optim, name), "lr")), lambda name=name: number(default(getattr(torch.optim, name), "lr")),
        lambda name=name: number(default(getattr(keras.optimizers, name), "learning_rate"))) for name in ("Adam", "SGD")},
    "stride of a pooling": (
        lambda: pooling_stride(F.max_pool2d(LINE, (1, 2))), lambda: pooling_stride(TF.max_pool2d(t(LINE), (1, 2))),
        lambda: pooling_stride(K.MaxPooling2D((1, 2))(LINE.reshape(1, 1, 4, 1))),
        lambda: pooling_stride(jax.lax.reduce_window(LINE, -jnp.inf, jax.lax.max, (1, 1, 1, 2)))),
    "ignored class": (
        lambda: str(default(F.cross_entropy, "ignore_index")), lambda: str(default(TF.cross_entropy, "ignore_index")),
        lambda: str(default(keras.losses.SparseCategoricalCrossentropy, "ignore_class")).lower()),
    "reduction of a loss": (
        lambda: reduction(F.mse_loss([1.0, 3.0], [0.0, 0.0])), lambda: reduction(TF.mse_loss(t([1.0, 3.0]), t([0.0, 0.0]))),
        lambda: reduction(keras.losses.MeanSquaredError()(np.zeros((2, 1)), np.array([[1.0], [3.0]])))),
    "probability of dropout": (
        lambda: share(np.mean(array(nn.Dropout(0.2, rng=RNG)(np.ones(4000))) != 0)), lambda: share(np.mean(array(L.Dropout(0.2)(torch.ones(4000))) != 0)),
        lambda: share(np.mean(array(K.Dropout(0.2)(np.ones((1, 4000)), training=True)) != 0)),
        lambda: share(float(jax.random.bernoulli(jax.random.key(0), 0.2, (4000,)).mean()))),
    "dropout is off": (our_dropout_off, torch_dropout_off, keras_dropout_off),
    "variance in `batch_norm`": tuple(
        (lambda f=f: variance(1 / array(f(np.array([[0.0], [2.0]], dtype=np.float32))).ravel()[1:] ** 2)) for f in (
            lambda x: nn.BatchNorm1d(1, eps=1e-9)(x), lambda x: L.BatchNorm1d(1, eps=1e-9)(t(x)), lambda x: K.BatchNormalization(epsilon=1e-9)(x, training=True))),
    "variance it stores": (
        lambda: running(first(nn.BatchNorm1d(1), np.array([[0.0], [2.0]])).running_var),
        lambda: running(first(L.BatchNorm1d(1), torch.tensor([[0.0], [2.0]])).running_var), keras_running_var),
    "variance of a plain `var`": (
        lambda: variance(np.var([0.0, 2.0])), lambda: variance(torch.tensor([0.0, 2.0]).var()), lambda: variance(keras.ops.var(np.array([0.0, 2.0]))),
        lambda: variance(jnp.var(jnp.array([0.0, 2.0])))),
    "`cross_entropy` takes": (
        lambda: what_is_taken(F.cross_entropy([[4.0, 3.0]], [1])), lambda: what_is_taken(TF.cross_entropy(t([[4.0, 3.0]]), t([1]))),
        lambda: what_is_taken(keras.losses.SparseCategoricalCrossentropy()(np.array([1]), np.array([[4.0, 3.0]])))),
    "a loss takes": (
        lambda: argument_order(lambda: F.cross_entropy(LOGITS, np.array([1])), lambda: F.cross_entropy(np.array([1]), LOGITS)),
        lambda: argument_order(lambda: TF.cross_entropy(t(LOGITS), t([1])), lambda: TF.cross_entropy(t([1]), t(LOGITS))),
        lambda: argument_order(lambda: keras.losses.SparseCategoricalCrossentropy()(PROBABILITIES, np.array([1])),
                               lambda: keras.losses.SparseCategoricalCrossentropy()(np.array([1]), PROBABILITIES))),
    "weighted mean divides by": (
        lambda: mean_by(F.cross_entropy(WEIGHTED, [0, 1], weight=[1, 3])),
        lambda: mean_by(TF.cross_entropy(t(WEIGHTED), t([0, 1]), weight=t([1.0, 3.0]))),
        lambda: mean_by(keras.losses.SparseCategoricalCrossentropy(from_logits=True)(np.array([0, 1]), WEIGHTED, sample_weight=np.array([1.0, 3.0])))),
    'padding "same", stride 2': (
        lambda: same(lambda: F.conv2d(ROWS, np.ones((1, 1, 1, 1)), stride=2, padding="same")),
        lambda: same(lambda: TF.conv2d(t(ROWS), torch.ones(1, 1, 1, 1), stride=2, padding="same")),
        lambda: same(lambda: K.Conv2D(1, 1, strides=2, padding="same")(ROWS.reshape(1, 4, 1, 1))),
        lambda: same(lambda: jax.lax.conv(ROWS, jnp.ones((1, 1, 1, 1)), (2, 2), "SAME"))),
    "zeros in an average pooling": (
        lambda: padded_average(F.avg_pool2d(FOUR, 2, padding=1)), lambda: padded_average(TF.avg_pool2d(t(FOUR), 2, padding=1)),
        lambda: padded_average(K.AveragePooling2D(2, padding="same")(FOUR))),
    "True in a mask": (
        lambda: allowed(F.scaled_dot_product_attention(*3 * [QKV.swapaxes(1, 2)], MASK)), torch_masks,
        lambda: allowed(keras.ops.dot_product_attention(QKV, QKV, QKV, mask=MASK[None, None])),
        lambda: allowed(jax.nn.dot_product_attention(QKV, QKV, QKV, mask=MASK[None, None]))),
    "a row with nothing allowed": (
        lambda: nothing(F.scaled_dot_product_attention(*3 * [QKV.swapaxes(1, 2)], MASK & False)), lambda: nothing(torch_attention(MASK & False)),
        lambda: nothing(keras.ops.dot_product_attention(QKV, QKV, QKV, mask=MASK[None, None] & False)),
        lambda: nothing(jax.nn.dot_product_attention(QKV, QKV, QKV, mask=MASK[None, None] & False))),
    "an id too large": (
        lambda: too_large(lambda: F.embedding([3], np.ones((3, 2)))), lambda: too_large(lambda: L.Embedding(3, 2)(t([3]))),
        lambda: too_large(lambda: K.Embedding(3, 2)(np.array([3]))), lambda: too_large(lambda: jnp.take(jnp.ones((3, 2)), jnp.array([3]), axis=0))),
    "update gate of `gru` at 1": (
        lambda: keeps(F.gru_cell([0.0], [0.5], np.zeros((1, 3)), np.zeros((1, 3)), [0, 100, 0])),
        lambda: keeps(torch_gru([0, 100, 0])), lambda: keeps(keras_gru(np.array([100.0, 0, 0])))),
    "reset of `gru`": (
        lambda: reset(F.gru_cell([[0.0]], [[1.0, 1.0]], np.zeros((1, 6)), **RESET)), torch_reset, keras_reset),
    "slope of `relu` at 0": (
        lambda: relu_slope(F.relu_backward([1.0], [0.0])), torch_relu_slope, lambda: relu_slope(jax.grad(keras.ops.relu)(0.0)),
        lambda: relu_slope(jax.grad(jax.nn.relu)(0.0))),
    "gradients of a second call": (
        our_second, torch_second, keras_second, lambda: second_call([jax.grad(lambda x: x * x)(3.0) for _ in range(2)][1])),
    "a second random draw": (
        lambda: draws(RNG.random(), RNG.random()), lambda: draws(torch.rand(1), torch.rand(1)),
        lambda: draws(keras.random.uniform(()), keras.random.uniform(())),
        lambda: draws(*[jax.random.uniform(jax.random.key(0)) for _ in range(2)])),
}


ROWS_OF_TABLES = [row for rows in book.CONVENTIONS.values() for row in rows]


def test_every_row_is_measured_and_no_other():
    assert [row[0] for row in ROWS_OF_TABLES] == list(MEASURED)
    assert all(len(row) == 5 for row in ROWS_OF_TABLES)


@pytest.mark.parametrize("framework", PACKAGES)
@pytest.mark.parametrize("row", ROWS_OF_TABLES, ids=lambda row: row[0].replace("`", ""))
def test_the_entry_is_what_the_framework_does(row, framework):
    column = list(PACKAGES).index(framework)
    measure = dict(enumerate(MEASURED[row[0]])).get(column)
    if row[column + 1] == book.OWN:
        assert measure is None, "there is something to measure"
        return
    load(framework)
    if framework != "this book" and "torch" in PACKAGES[framework]:
        torch.manual_seed(0)
    assert quiet(measure) == row[column + 1]
