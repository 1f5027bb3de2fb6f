"""A network that reads a sequence and answers once: the same two lines around a plain recurrent layer, an LSTM and a GRU."""

import numpy as np

from dlblocks.checks import ShapeError, as_array
from dlblocks.layers import Linear
from dlblocks.modules import Module


class SequenceClassifier(Module):
    """A recurrent layer along the sequence, then a linear layer on its last real state; x: N T I, logits: N O.

    ``layer`` is an `dlblocks.nn.RNN`, `LSTM` or `GRU`. ``mask`` (N T, True where the sequence is real, as `pad_sequences`
    gives it) says where each sequence ends; without it all of them fill T.
    Raises ShapeError for a mask that does not fit, TypeError if it is not boolean, ValueError for a sequence without a real step.

    >>> from dlblocks.nn import GRU
    >>> rng = np.random.default_rng(0)
    >>> model = SequenceClassifier(GRU(2, 3, rng=rng), 4, rng=rng)
    >>> model(np.ones((5, 6, 2))).shape
    (5, 4)
    """

    def __init__(self, layer, num_outputs, *, rng):
        self.layer = layer
        self.head = Linear(layer.weight_hh.shape[0], num_outputs, rng=rng)

    def forward(self, x, mask=None):
        hs, _ = self.layer(x)
        count, steps, _ = hs.shape
        if mask is None:
            return self.head(hs[:, -1])
        mask = as_array("mask", mask)
        if mask.dtype != bool:
            raise TypeError(f"SequenceClassifier: mask must hold True and False, got an array of {mask.dtype}")
        if mask.shape != (count, steps):
            raise ShapeError(f"SequenceClassifier: mask is {mask.shape}, but x has {count} sequences of {steps} steps")
        if not mask.any(axis=1).all():
            raise ValueError("SequenceClassifier: mask leaves a sequence without a real step")
        last = steps - 1 - np.argmax(mask[:, ::-1], axis=1)
        return self.head(hs[np.arange(count), last])
