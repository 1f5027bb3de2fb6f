"""Every block and its backward in one place: ``import dlblocks.functional as F``."""

from dlblocks.activations import (elu, elu_backward, gelu, gelu_backward, leaky_relu, leaky_relu_backward, log_softmax,
                                  log_softmax_backward, relu, relu_backward, sigmoid, sigmoid_backward, silu, silu_backward,
                                  softmax, softmax_backward, softplus, softplus_backward, tanh, tanh_backward)
from dlblocks.attention import scaled_dot_product_attention, scaled_dot_product_attention_backward
from dlblocks.convolution import conv2d, conv2d_backward
from dlblocks.embedding import embedding, embedding_backward
from dlblocks.linear import linear, linear_backward
from dlblocks.losses import (binary_cross_entropy, binary_cross_entropy_backward, binary_cross_entropy_with_logits,
                             binary_cross_entropy_with_logits_backward, cross_entropy, cross_entropy_backward, mse_loss,
                             mse_loss_backward, nll_loss, nll_loss_backward)
from dlblocks.normalization import batch_norm, batch_norm_backward, layer_norm, layer_norm_backward
from dlblocks.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from dlblocks.recurrent import gru, gru_cell, lstm, lstm_cell, rnn, rnn_cell
from dlblocks.recurrent_backward import gru_backward, gru_cell_backward, lstm_backward, lstm_cell_backward, rnn_backward, rnn_cell_backward
from dlblocks.regularization import (contractive_penalty, contractive_penalty_backward, dropout, dropout_backward,
                                     l1_penalty, l1_penalty_backward)

__all__ = [name for name in dir() if name[0].isalpha()]
