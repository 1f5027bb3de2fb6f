"""Layers and networks in one place: ``from dlblocks import nn``.

Base: modules.py; layers: layers.py; attention: transformer.py; reading a sequence: sequences.py."""

from dlblocks.layers import (GELU, GRU, LSTM, RNN, AvgPool2d, BatchNorm1d, BatchNorm2d, Conv2d, Dropout, Embedding, Flatten, LayerNorm,
                             LeakyReLU, Linear, MaxPool2d, ReLU, Sigmoid, SiLU, Tanh)
from dlblocks.modules import Module, Sequential, ops
from dlblocks.sequences import SequenceClassifier
from dlblocks.transformer import MultiHeadAttention, TransformerBlock, position_codes

__all__ = [name for name in dir() if name[0].isalpha()]
