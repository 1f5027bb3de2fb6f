"""The transformer: attention in several heads, the block built around it, and the codes that tell it the order of the tokens."""

import numpy as np

from dlblocks.autograd import Tensor
from dlblocks.checks import check_option
from dlblocks.layers import Dropout, LayerNorm, Linear
from dlblocks.modules import Module, ops


class MultiHeadAttention(Module):
    """Attention in several heads side by side; query: N T E, key and value: N S E (default: the query), y: N T E.

    ``mask`` (True = may attend) broadcasts to N heads T S; the mask N S of `pad_sequences` goes in as ``mask[:, None, None]``.
    Source: Vaswani et al. (2017), *Attention Is All You Need*, section 3.2.2; initial values as in PyTorch.
    """

    def __init__(self, embed_dim, num_heads, *, rng):
        if embed_dim % check_option("num_heads", num_heads, low=1, integer=True):
            raise ValueError(f"MultiHeadAttention: num_heads {num_heads} must divide embed_dim {embed_dim}")
        self.num_heads = num_heads
        self.query, self.key, self.value, self.out = (Linear(embed_dim, embed_dim, rng=rng) for _ in range(4))
        for part in self.query, self.key, self.value:  # PyTorch draws the three as one matrix (E, 3 E) by Xavier's rule
            part.weight = self._uniform(rng, (6 / (4 * embed_dim)) ** 0.5, embed_dim, embed_dim)
        for part in self.query, self.key, self.value, self.out:
            part.bias = Tensor(np.zeros(embed_dim))

    def forward(self, query, key=None, value=None, mask=None, is_causal=False):
        key = query if key is None else key
        heads = [self._split(project(x)) for project, x in
                 ((self.query, query), (self.key, key), (self.value, key if value is None else value))]
        y = ops.scaled_dot_product_attention(*heads, mask=mask, is_causal=is_causal)
        return self.out(y.transpose(0, 2, 1, 3).reshape(*query.shape))

    def weights(self, query, key=None, mask=None, is_causal=False):
        """How much each query attends to each key, as an array N heads T S: what attention gives for the values 1 0 0 .., 0 1 0 .., ..."""
        query, key = self._split(self.query(query)), self._split(self.key(query if key is None else key))
        one = np.broadcast_to(np.eye(key.shape[2], dtype=key.data.dtype), (*key.shape[:3], key.shape[2]))
        return ops.scaled_dot_product_attention(query, key, one, mask=mask, is_causal=is_causal).data

    def _split(self, x):
        return x.reshape(*x.shape[:2], self.num_heads, -1).transpose(0, 2, 1, 3)


class TransformerBlock(Module):
    """Attention, then two linear layers, each around a shortcut and with layer normalization: after the sum, or first if ``norm_first``.

    x: N T E, y: N T E. Source: Vaswani et al. (2017), section 3.1; for ``norm_first`` Xiong et al. (2020),
    *On Layer Normalization in the Transformer Architecture*.
    """

    def __init__(self, embed_dim, num_heads, hidden, dropout=0.0, norm_first=False, activation=ops.relu, *, rng):
        self.attention = MultiHeadAttention(embed_dim, num_heads, rng=rng)
        self.linear1, self.linear2 = Linear(embed_dim, hidden, rng=rng), Linear(hidden, embed_dim, rng=rng)
        self.norm1, self.norm2 = LayerNorm(embed_dim), LayerNorm(embed_dim)
        self.dropout, self.norm_first, self.activation = Dropout(dropout, rng=rng), norm_first, activation

    def forward(self, x, mask=None, is_causal=False):
        def attend(x):
            return self.dropout(self.attention(x, mask=mask, is_causal=is_causal))

        def think(x):
            return self.dropout(self.linear2(self.dropout(self.activation(self.linear1(x)))))

        if self.norm_first:
            x = x + attend(self.norm1(x))
            return x + think(self.norm2(x))
        x = self.norm1(x + attend(x))
        return self.norm2(x + think(x))


def position_codes(length, width):
    """Codes of the positions 0, 1, ...: ``code[t, 2k] = sin(t / 10000**(2k / width))``, ``code[t, 2k + 1]`` its cosine.

    Returns length width. Raises ValueError for an odd width. Source: Vaswani et al. (2017), section 3.5.

    >>> position_codes(2, 4).round(4)
    array([[0.    , 1.    , 0.    , 1.    ],
           [0.8415, 0.5403, 0.01  , 1.    ]])
    """
    length, width = check_option("length", length, low=1, integer=True), check_option("width", width, low=2, integer=True)
    if width % 2:
        raise ValueError(f"position_codes: width must be even, got {width}")
    angles = np.arange(length)[:, None] / 10000 ** (np.arange(0, width, 2) / width)
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(length, width)
