"""Layers with parameters: each is a thin shell around one block of `dlblocks.functional`, on the tape of `dlblocks.autograd`.

Names, arguments and initial values are PyTorch's, except that linear and recurrent weights are (in, out) and that whatever draws
numbers is given a numpy.random.Generator.
"""

import numpy as np

from dlblocks.autograd import Tensor
from dlblocks.checks import ShapeError, check_option
from dlblocks.modules import Module, ops
from dlblocks.preprocessing import as_generator


class Linear(Module):
    """``y = x @ weight + bias``; x: ... I, y: ... O; initial values uniform within 1 / sqrt(I)."""

    def __init__(self, in_features, out_features, bias=True, *, rng):
        self.weight = self._uniform(rng, in_features**-0.5, in_features, out_features)
        self.bias = self._uniform(rng, in_features**-0.5, out_features) if bias else None

    def forward(self, x):
        return ops.linear(x, self.weight, self.bias)


class Embedding(Module):
    """The row of each id; ids: ..., y: ... D; initial values normal."""

    def __init__(self, num_embeddings, embedding_dim, *, rng):
        self.weight = Tensor(as_generator(rng, "Embedding").standard_normal((num_embeddings, embedding_dim)))

    def forward(self, ids):
        return ops.embedding(ids, self.weight)


class Conv2d(Module):
    """Filters over images; x: N C H W, y: N O oh ow; initial values uniform within 1 / sqrt(C / groups * kh * kw)."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, *, rng):
        kernel = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
        shape = out_channels, in_channels // groups, *kernel
        self.options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        self.weight = self._uniform(rng, np.prod(shape[1:]) ** -0.5, *shape)
        self.bias = self._uniform(rng, np.prod(shape[1:]) ** -0.5, out_channels) if bias else None

    def forward(self, x):
        return ops.conv2d(x, self.weight, self.bias, **self.options)


class MaxPool2d(Module):
    """The largest number in each window; x: N C H W, y: N C oh ow."""

    block = staticmethod(ops.max_pool2d)

    def __init__(self, kernel_size, stride=None, padding=0):
        self.options = {"kernel_size": kernel_size, "stride": stride, "padding": padding}

    def forward(self, x):
        return self.block(x, **self.options)


class AvgPool2d(MaxPool2d):
    """The mean of each window; x: N C H W, y: N C oh ow."""

    block = staticmethod(ops.avg_pool2d)


class Flatten(Module):
    """All axes but the first as one; x: N ..., y: N F."""

    def forward(self, x):
        return x.reshape(x.shape[0], -1)


class ReLU(Module):
    forward = staticmethod(ops.relu)


class Sigmoid(Module):
    forward = staticmethod(ops.sigmoid)


class Tanh(Module):
    forward = staticmethod(ops.tanh)


class SiLU(Module):
    forward = staticmethod(ops.silu)


class GELU(Module):
    forward = staticmethod(ops.gelu)


class LeakyReLU(Module):
    def __init__(self, negative_slope=0.01):
        self.negative_slope = negative_slope

    def forward(self, x):
        return ops.leaky_relu(x, self.negative_slope)


class RNN(Module):
    """A plain recurrent layer; x: N T I, returns (hs: N T H, h: N H); initial values uniform within 1 / sqrt(H)."""

    block, gates = staticmethod(ops.rnn), 1

    def __init__(self, input_size, hidden_size, *, rng):
        bound, width = hidden_size**-0.5, self.gates * hidden_size
        self.weight_ih, self.weight_hh = self._uniform(rng, bound, input_size, width), self._uniform(rng, bound, hidden_size, width)
        self.bias_ih, self.bias_hh = self._uniform(rng, bound, width), self._uniform(rng, bound, width)

    def forward(self, x, h0=None):
        return self.block(x, h0, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class LSTM(RNN):
    """Long short-term memory, gates i f g o; x: N T I, returns (hs: N T H, (h: N H, c: N H))."""

    block, gates = staticmethod(ops.lstm), 4

    def forward(self, x, h0=None, c0=None):
        return self.block(x, h0, c0, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class GRU(RNN):
    """Gated recurrent unit, gates r z n; x: N T I, returns (hs: N T H, h: N H)."""

    block, gates = staticmethod(ops.gru), 3

    def __init__(self, input_size, hidden_size, reset_after=True, *, rng):
        super().__init__(input_size, hidden_size, rng=rng)
        self.reset_after = reset_after

    def forward(self, x, h0=None):
        return self.block(x, h0, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh, reset_after=self.reset_after)


class BatchNorm1d(Module):
    """Batch normalization of N C or N C L: by the batch's own statistics in training, by the running ones in evaluation.

    Each training call moves the running statistics by ``momentum`` toward the batch's mean and unbiased variance.
    """

    axes = 2, 3

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, check_option("momentum", momentum, low=0, high=1)
        self.weight, self.bias = Tensor(np.ones(num_features)), Tensor(np.zeros(num_features))
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

    def forward(self, x):
        if len(x.shape) not in self.axes:
            raise ShapeError(f"{type(self).__name__}: x must have {' or '.join(map(str, self.axes))} axes, got shape {x.shape}")
        if not self.training:
            return ops.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var, eps=self.eps)
        y = ops.batch_norm(x, self.weight, self.bias, eps=self.eps)
        data = x.data if isinstance(x, Tensor) else x
        over = 0, *range(2, data.ndim)
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * data.mean(axis=over)
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * data.var(axis=over, ddof=1)
        return y


class BatchNorm2d(BatchNorm1d):
    """Batch normalization of images N C H W; see `BatchNorm1d`."""

    axes = 4,


class LayerNorm(Module):
    """Normalization of the last axis, of ``width`` numbers."""

    def __init__(self, width, eps=1e-5):
        self.eps, self.weight, self.bias = eps, Tensor(np.ones(width)), Tensor(np.zeros(width))

    def forward(self, x):
        return ops.layer_norm(x, self.weight, self.bias, eps=self.eps)


class Dropout(Module):
    """In training, zeros with probability p and the rest scaled by 1 / (1 - p); in evaluation nothing."""

    def __init__(self, p=0.5, *, rng):
        self.p, self.rng = check_option("p", p, low=0, below=1), as_generator(rng, "Dropout")

    def forward(self, x):
        return ops.dropout(x, self.rng.random(x.shape) >= self.p, self.p) if self.training and self.p else x
