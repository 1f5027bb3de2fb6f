"""What PyTorch, Keras and JAX call each block, how their weights lie, and where they differ.

Plain data, printed by the chapter on frameworks. ``tests/test_conventions.py`` proves each entry by asking the installed frameworks.
"""

import re

import numpy as np

VERSIONS = {"torch": "2.13.0", "keras": "3.15.1", "jax": "0.10.2"}  # the versions asked
FRAMEWORKS = ["PyTorch", "Keras", "JAX"]
OWN, WRITE = "your own", "write it"  # nothing to ask: you choose, or there is no such function


def _rows(text):
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


# block | PyTorch's function | PyTorch's module | Keras | JAX. F is torch.nn.functional, nn is torch.nn, Keras's names stand in keras.
NAMES = {block: names for block, *names in _rows("""
linear | F.linear | nn.Linear | layers.Dense | write it
embedding | F.embedding | nn.Embedding | layers.Embedding | jax.numpy.take
relu | F.relu | nn.ReLU | activations.relu | jax.nn.relu
leaky_relu | F.leaky_relu | nn.LeakyReLU | activations.leaky_relu | jax.nn.leaky_relu
elu | F.elu | nn.ELU | activations.elu | jax.nn.elu
sigmoid | torch.sigmoid | nn.Sigmoid | activations.sigmoid | jax.nn.sigmoid
tanh | torch.tanh | nn.Tanh | activations.tanh | jax.numpy.tanh
softplus | F.softplus | nn.Softplus | activations.softplus | jax.nn.softplus
silu | F.silu | nn.SiLU | activations.silu | jax.nn.silu
gelu | F.gelu | nn.GELU | activations.gelu | jax.nn.gelu
softmax | F.softmax | nn.Softmax | activations.softmax | jax.nn.softmax
log_softmax | F.log_softmax | nn.LogSoftmax | activations.log_softmax | jax.nn.log_softmax
conv2d | F.conv2d | nn.Conv2d | layers.Conv2D | jax.lax.conv_general_dilated
max_pool2d | F.max_pool2d | nn.MaxPool2d | layers.MaxPooling2D | jax.lax.reduce_window
avg_pool2d | F.avg_pool2d | nn.AvgPool2d | layers.AveragePooling2D | jax.lax.reduce_window
rnn_cell | write it | nn.RNNCell | layers.SimpleRNNCell | write it
lstm_cell | write it | nn.LSTMCell | layers.LSTMCell | write it
gru_cell | write it | nn.GRUCell | layers.GRUCell | write it
rnn | write it | nn.RNN | layers.SimpleRNN | jax.lax.scan
lstm | write it | nn.LSTM | layers.LSTM | jax.lax.scan
gru | write it | nn.GRU | layers.GRU | jax.lax.scan
batch_norm | F.batch_norm | nn.BatchNorm1d | layers.BatchNormalization | write it
layer_norm | F.layer_norm | nn.LayerNorm | layers.LayerNormalization | jax.nn.standardize
scaled_dot_product_attention | F.scaled_dot_product_attention | nn.MultiheadAttention | ops.dot_product_attention | jax.nn.dot_product_attention
dropout | F.dropout | nn.Dropout | layers.Dropout | jax.random.bernoulli
mse_loss | F.mse_loss | nn.MSELoss | losses.MeanSquaredError | write it
cross_entropy | F.cross_entropy | nn.CrossEntropyLoss | losses.SparseCategoricalCrossentropy | jax.nn.log_softmax
nll_loss | F.nll_loss | nn.NLLLoss | write it | write it
binary_cross_entropy | F.binary_cross_entropy | nn.BCELoss | losses.BinaryCrossentropy | write it
binary_cross_entropy_with_logits | F.binary_cross_entropy_with_logits | nn.BCEWithLogitsLoss | losses.BinaryCrossentropy | jax.nn.log_sigmoid
l1_penalty | write it | write it | regularizers.L1 | write it
contractive_penalty | write it | write it | write it | write it
""")}

# block | an array of it | its axes here | PyTorch's name and axes | Keras's name and axes. G holds the gates side by side, H numbers each.
LAYOUTS = _rows("""
linear | weight | I O | weight | O I | kernel | I O
linear | bias | O | bias | O | bias | O
embedding | weight | V D | weight | V D | embeddings | V D
conv2d | weight | O C kh kw | weight | O C kh kw | kernel | kh kw C O
conv2d | bias | O | bias | O | bias | O
batch_norm | weight | C | weight | C | gamma | C
batch_norm | bias | C | bias | C | beta | C
layer_norm | weight | C | weight | C | gamma | C
layer_norm | bias | C | bias | C | beta | C
rnn | weight_ih | I G | weight_ih_l0 | G I | kernel | I G
rnn | weight_hh | H G | weight_hh_l0 | G H | recurrent_kernel | H G
rnn | bias_ih | G | bias_ih_l0 | G | bias | G
rnn | bias_hh | G | bias_hh_l0 | G | bias | G
lstm | weight_ih | I G | weight_ih_l0 | G I | kernel | I G
lstm | weight_hh | H G | weight_hh_l0 | G H | recurrent_kernel | H G
lstm | bias_ih | G | bias_ih_l0 | G | bias | G
lstm | bias_hh | G | bias_hh_l0 | G | bias | G
gru | weight_ih | I G | weight_ih_l0 | G I | kernel | I G
gru | weight_hh | H G | weight_hh_l0 | G H | recurrent_kernel | H G
gru | bias_ih | G | bias_ih_l0 | G | bias | G
gru | bias_hh | G | bias_hh_l0 | G | bias | G
""")
GATES = {"rnn": "n n n", "lstm": "ifgo ifgo ifgo", "gru": "rzn rzn zrn"}  # here, in PyTorch, in Keras


def convert(block, framework, **arrays):
    """This book's arrays of ``block`` as {name: array} of the framework's layer, in the order of its own parameters.

    Axes are transposed and gates reordered. Keras adds the two biases of `rnn` and `lstm`, and stacks those of `gru`. JAX has no
    layers: there the arrays stay as they are. Raises KeyError for a block without weights or an unknown framework.

    >>> convert("linear", "PyTorch", weight=np.array([[1, 2], [3, 4], [5, 6]]))["weight"]
    array([[1, 3, 5],
           [2, 4, 6]])
    """
    place = {"JAX": 0, "PyTorch": 1, "Keras": 2}[framework]
    layouts = {name: (axes.split(), [(name, axes), (torch, torch_axes), (keras, keras_axes)])
               for of, name, axes, torch, torch_axes, keras, keras_axes in LAYOUTS if of == block}
    if not layouts:
        raise KeyError(f"convert: {block} has no weights; those with weights are {', '.join(dict.fromkeys(row[0] for row in LAYOUTS))}")
    moved = {}
    for name, array in arrays.items():
        axes, theirs = layouts[name]
        new_name, new_axes = theirs[place]
        if "G" in axes:
            order = [GATES[block].split()[0].index(gate) for gate in GATES[block].split()[place]]
            array = np.concatenate([np.split(array, len(order), axis=-1)[i] for i in order], axis=-1)
        array = np.transpose(array, [axes.index(axis) for axis in new_axes.split()])
        if new_name in moved:  # Keras's one bias for our two
            array = np.stack([moved[new_name], array]) if block == "gru" else moved[new_name] + array
        moved[new_name] = array
    return moved


# subject | this book | PyTorch | Keras | JAX
CONVENTIONS = {part: _rows(text) for part, text in {
    "Weights and axes": """
weight of `linear` | (in, out) | (out, in) | (in, out) | your own
weight of `conv2d` | (out, in, kh, kw) | (out, in, kh, kw) | (kh, kw, in, out) | (out, in, kh, kw)
images | N C H W | N C H W | N H W C | N C H W
flatten runs | channel by channel | channel by channel | pixel by pixel | your own
sequences | batch, time, input | time, batch, input | batch, time, input | your own
weights of `gru` | (in, 3 H), (H, 3 H) | (3 H, in), (3 H, H) | (in, 3 H), (H, 3 H) | your own
gates of `gru` | r z n | r z n | z r n | your own
gates of `lstm` | i f g o | i f g o | i f g o | your own
biases of `gru` | two | two | one of two rows | your own
biases of `lstm` | two | two | one | your own
features in `batch_norm` | second axis | second axis | last axis | your own
classes in `cross_entropy` | second axis | second axis | last axis | your own
heads in attention | before the tokens | before the tokens | after the tokens | after the tokens""",
    "At the start": """
first weights of `linear` | within 1/sqrt(in) | within 1/sqrt(in) | within sqrt(6/(in + out)) | your own
first bias of `linear` | within 1/sqrt(in) | within 1/sqrt(in) | 0 | your own
first table of `embedding` | normal | normal | within 0.05 | your own
first forget bias of `lstm` | as the others | as the others | 1 | your own
first draw of seed 0 | 0.6370 | 0.4963 | 0.9477 | 0.9477
bias, unless told | only the layer | only the layer | the layer | your own
type of the weights | float64 | float32 | float32 | float32
float64 given to a layer | kept | error | to float32 | to float32""",
    "Default numbers": """
epsilon of `batch_norm` | 1e-5 | 1e-5 | 1e-3 | your own
epsilon of `layer_norm` | 1e-5 | 1e-5 | 1e-3 | 1e-5
momentum of `batch_norm` | 0.1 of the new | 0.1 of the new | 0.99 of the old | your own
slope of `leaky_relu` | 0.01 | 0.01 | 0.2, layer 0.3 | 0.01
form of `gelu` | exact | exact | exact, in ops tanh | tanh
epsilon of `Adam` | 1e-8 | 1e-8 | 1e-7 | your own
rate of `Adam` | 0.001 | 0.001 | 0.001 | your own
rate of `SGD` | 0.001 | 0.001 | 0.01 | your own
stride of a pooling | the window | the window | the window | 1
ignored class | -100 | -100 | none | your own
reduction of a loss | mean | mean | mean | your own""",
    "What a word means": """
probability of dropout | to drop | to drop | to drop | to keep
dropout is off | after `eval()` | after `eval()` | unless `training=True` | your own
variance in `batch_norm` | biased | biased | biased | your own
variance it stores | unbiased | unbiased | biased | your own
variance of a plain `var` | biased | unbiased | biased | biased
`cross_entropy` takes | logits | logits | probabilities | your own
a loss takes | prediction, target | prediction, target | target, prediction | your own
weighted mean divides by | sum of weights | sum of weights | number of rows | your own
padding "same", stride 2 | error | error | half the size | half the size
zeros in an average pooling | count | count | do not count | your own
True in a mask | may attend | function may, module may not | may attend | may attend
a row with nothing allowed | zeros | zeros | mean of the values | mean of the values
an id too large | IndexError | IndexError | NaN | NaN
update gate of `gru` at 1 | keeps the old | keeps the old | keeps the old | your own
reset of `gru` | after the product | after the product | after the product | your own
slope of `relu` at 0 | 0 | 0 | 0 | 0
gradients of a second call | add up | add up | start anew | start anew
a second random draw | differs | differs | differs | repeats, with one key""",
}.items()}
HEADS = {"names": ["block", "PyTorch, function", "PyTorch, module", "Keras", "JAX"], "conventions": ["", "this book", *FRAMEWORKS]}


def name_table():
    """The Markdown table of `NAMES`."""
    code = [[name if name == WRITE else _code(name) for name in [block, *names]] for block, names in NAMES.items()]
    return _markdown(HEADS["names"], code)


def _code(name):
    """A name in code font; a long one may break after a dot or an underscore and before a capital, without a space to copy."""
    breaks = re.sub(r"(?<=[._])(?=\w)|(?<=[a-z])(?=[A-Z])", "<wbr>", name)
    return f"`{name}`" if len(name) < 14 else f'<code class="docutils literal notranslate">{breaks}</code>'


def convention_table(part):
    """The Markdown table of one part of `CONVENTIONS`."""
    return _markdown(HEADS["conventions"], CONVENTIONS[part])


def convention_text(part):
    """One part of `CONVENTIONS` as lines of text, one entry under the other."""
    rows = [HEADS["conventions"], *CONVENTIONS[part]]
    rows = [[cell.replace("`", "") for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def _markdown(head, rows):
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rows])
