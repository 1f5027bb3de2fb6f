"""What a network costs: parameters, multiply-adds, bytes of activations, time. Measured, not guessed."""

import statistics
import time
from typing import NamedTuple

import numpy as np

from dlblocks import nn
from dlblocks.autograd import Tensor
from dlblocks.checks import check_option


class Cost(NamedTuple):
    """What one layer costs for one input."""

    name: str
    layer: str
    output_shape: tuple
    parameters: int
    multiply_adds: int
    activation_bytes: int


class Latency(NamedTuple):
    """Seconds of one call: the median of several, and the distance between the quartiles as its spread."""

    median: float
    spread: float


def profile(model, example):
    """Run ``model`` once in evaluation mode and return a `Cost` for each layer, in the order in which they ran.

    ``example`` is an input, or the shape of one (filled with zeros, in the kind of the model's first parameter); its batch
    counts. Multiply-adds are those of matrix products and convolutions: what is done once per element (bias, activation,
    normalization, pooling, gates) is left out. Activation bytes are those of each layer's output, which backward needs.

    >>> rng = np.random.default_rng(0)
    >>> network = nn.Sequential(nn.Linear(64, 32, rng=rng), nn.ReLU(), nn.Linear(32, 10, rng=rng))
    >>> for cost in profile(network, (1, 64)):
    ...     print(cost.layer, cost.output_shape, cost.parameters, cost.multiply_adds)
    Linear (1, 32) 2080 2048
    ReLU (1, 32) 0 0
    Linear (1, 10) 330 320
    """
    if isinstance(example, tuple):
        example = np.zeros(example, (model.parameters() or [Tensor(0.0)])[0].data.dtype)
    costs, seen, training = [], set(), model.training
    layers = {module: path for path, module in model.modules() if _is_layer(module)}
    for module, path in layers.items():
        module.forward = _recorder(path, module, costs, seen)  # hides the class's method until it is deleted
    try:
        model.eval()(example)
    finally:
        model.train(training)
        for module in layers:
            del module.forward
    return costs


def latency(f, *args, repeats=20, warmup=3):
    """Time ``f(*args)``: ``warmup`` calls that do not count, then ``repeats`` that do; return a `Latency`."""
    repeats, warmup = check_option("repeats", repeats, low=2, integer=True), check_option("warmup", warmup, low=0, integer=True)
    times = []
    for _ in range(warmup + repeats):
        start = time.perf_counter()
        f(*args)
        times.append(time.perf_counter() - start)
    low, median, high = statistics.quantiles(times[warmup:], n=4, method="inclusive")
    return Latency(median, high - low)


def cost_table(costs):
    """The costs as lines of text, with their sums.

    >>> print(cost_table([Cost("0", "Linear", (1, 32), 2080, 2048, 256)]))
    layer                 output              parameters   multiply-adds      bytes
    Linear                1x32                     2,080           2,048        256
    total                                          2,080           2,048        256
    """
    def line(layer, shape, *numbers):
        return f"{layer:<22}{shape:<16}{numbers[0]:>14}{numbers[1]:>16}{numbers[2]:>11}"
    rows = [(cost.layer, "x".join(map(str, cost.output_shape)), *(f"{n:,}" for n in cost[3:])) for cost in costs]
    total = ("total", "", *(f"{sum(column):,}" for column in zip(*(cost[3:] for cost in costs))))
    return "\n".join(line(*row) for row in [("layer", "output", "parameters", "multiply-adds", "bytes"), *rows, total])


def _is_layer(module):
    """Parts of a network that compute something themselves: those with tensors of their own, without parts, or that attend."""
    parts = [part for _, part in module.modules()]
    return len(parts) == 1 or isinstance(module, nn.MultiHeadAttention) or any(isinstance(value, Tensor) for _, value in module.members())


def _recorder(path, module, costs, seen):
    forward = module.forward

    def recording(*inputs, **options):
        y = forward(*inputs, **options)
        outputs = _leaves(y)
        own = {value for _, value in module.members() if isinstance(value, Tensor)} - seen  # shared or used again: counted once
        seen.update(own)
        costs.append(Cost(path, type(module).__name__, outputs[0].shape, sum(tensor.data.size for tensor in own),
                          _multiply_adds(module, inputs, options, outputs[0]), sum(output.nbytes for output in outputs)))
        return y
    return recording


def _multiply_adds(module, inputs, options, output):
    if isinstance(module, nn.Linear):
        return output.size * module.weight.shape[0]
    if isinstance(module, nn.Conv2d):
        return output.size * module.weight.data[0].size
    if isinstance(module, nn.RNN):
        return output.shape[0] * output.shape[1] * (module.weight_ih.data.size + module.weight_hh.data.size)
    if isinstance(module, nn.MultiHeadAttention):
        key = inputs[1] if len(inputs) > 1 else options.get("key")
        return 2 * output.size * (inputs[0] if key is None else key).shape[1]
    return 0


def _leaves(y):
    if isinstance(y, tuple):
        return [leaf for part in y for leaf in _leaves(part)]
    return [y.data if isinstance(y, Tensor) else np.asarray(y)]
