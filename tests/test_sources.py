"""Every subject, number and mistake that the book must answer, with the chapter and the executed output that answers it.

The letters are the five kinds of web tutorial that readers meet: A core blocks, B architectures with mathematics, C a reference
sheet, D a fundamentals post, E a gentle introduction.
"""

import re

import pytest

from book_files import CHAPTERS, code_cells, output_text

ROWS = [
    # A: core computational blocks
    ("A linear", "03_linear", r"\[23\. 30\.\]"),
    ("A embedding: ids are zero-based", "10_embedding", r"index 3 is out of bounds.*\n.*ids must lie in 0\.\.2, got 3"),
    ("A embedding: the three rows", "10_embedding", r"\[\[1\.0, 2\.0\], \[3\.0, 4\.0\], \[5\.0, 6\.0\]\]"),
    ("A embedding: a negative id wraps", "10_embedding", r"ids must lie in 0\.\.2, got -1"),
    ("A convolution: what is computed is correlation", "11_convolution", r"\[\[37\. 47\.\]\n \[67\. 77\.\]\]"),
    ("A convolution: the flipped filter", "11_convolution", r"\[\[23\. 33\.\]\n \[53\. 63\.\]\]"),
    ("A pooling: maximum", "12_pooling", r"max\(1, 3, 5, 7\) = 7"),
    ("A pooling: average", "12_pooling", r"\(1 \+ 3 \+ 5 \+ 7\)/4 = 4"),
    ("A GRU: NumPy has no sigmoid", "16_gru", r"module 'numpy' has no attribute 'sigmoid'"),
    ("A GRU: a scalar makes the state 2 by 2", "16_gru", r"\(2, 2\)"),
    ("A GRU: no recurrent weights", "16_gru", r"wrong:  \[0\.3132, 0\.5907\]\nmended: \[0\.4236, 0\.7037\]"),
    ("A GRU: a reset gate that is never used", "16_gru", r"wrong: factor -20 \[0\.4236, 0\.7037\]\n.*\nright: factor -20 \[0\.3204, 0\.6033\]"),
    ("A GRU convention: negate the update gate", "16_gru", r"z keeps +\[-0\.2048 -0\.183   0\.4179\]\nz replaces, negated +\[-0\.2048 -0\.183   0\.4179\]"),
    ("A GRU convention: reset before or after", "16_gru", r"after  \[0\.8527 1\.7102\]\nbefore \[0\.863  1\.7086\]"),
    ("A convolution: `filter` hides a builtin", "27_claims", r"A filter may be called `filter` +false"),
    ("A convolution: the loop lost its indentation", "27_claims", r"The loop runs as it is printed +false"),
    # B: architectures, mathematically
    ("B CNN design steps", "13_cnn", r"design +parameters +multiply-adds +right of 288"),
    ("B early layers find edges", "13_cnn", r"prefer an edge: \d of 8"),
    ("B activations: ReLU's range", "02_activations", r"relu +maximum\(x, 0\) +\[0, inf\) +checked"),
    ("B activations: ReLU's derivative", "02_activations", r"relu +where\(x > 0, 1, 0\) +checked"),
    ("B activations: the sigmoid's range", "02_activations", r"sigmoid +1 / \(1 \+ exp\(-x\)\) +\(0, 1\) +checked"),
    ("B activations: the sigmoid's derivative", "02_activations", r"sigmoid +y \* \(1 - y\) +checked"),
    ("B theory: optimizers", "06_optimizers", r"Adam +never +6 +6"),
    ("B theory: saddle points and minima", "06_optimizers", r"parameters +minima +maxima +saddles"),
    ("B theory: approximation by enough units", "07_mlp", r"units +wave +bump +step"),
    ("B practice: a validation set", "07_mlp", r"val\. accuracy"),
    ("B RNN design: what carries, what vanishes", "14_rnn", r"weight  distance  predicted   measured"),
    ("B RNN types: the LSTM remembers where the RNN forgets", "15_lstm", r"RNN +148 +0 of 4[^$]*LSTM, f 5, i -5 +484 +4 of 4"),
    ("B RNN types: gates of LSTM and GRU", "15_lstm", r"GRU  3 sums: 2 gates and 1 content.*\nLSTM 4 sums: 3 gates and 1 content"),
    ("B RNN types: a GRU needs sigmoid and tanh", "27_claims", r"A GRU uses the sigmoid +half true"),
    ("B autoencoder: bottleneck against PCA", "22_autoencoder", r"PCA"),
    ("B autoencoder: contractive is the Jacobian's norm", "22_autoencoder", r"as above: Jacobian 32\.0000"),
    ("B autoencoder: contractive is not L1 or L2", "27_claims", r"Contractive means L1 or L2 +false"),
    ("B autoencoder: sparse by a KL target", "22_autoencoder", r"KL, two units +0\.\d+"),
    ("B practice: regularize", "20_regularization", r"L2, exponent -1\.5"),
    ("B practice: transfer learning", "21_transfer", r"a class +scratch +frozen +tuned"),
    ("B the accuracy table, run honestly", "25_choosing", r"CNN +93\.2 % +\d+ \+- [\d.]+ %"),
    ("B the accuracy table cannot be checked", "27_claims", r"CNN 93\.2.* +open"),
    ("B choosing", "25_choosing", r"MLP +\d+ \+- [\d.]+ +\[.*\] +2410"),
    # C: reference sheet
    ("C perceptron as a node", "01_neuron", r"z = 1\*2 \+ 2\*\(-1\) \+ 3\*1 \+ \(-2\) = 1"),
    ("C perceptron: XOR needs two layers", "01_neuron", r"XOR: fewest 1"),
    ("C SimpleCNN's parameters", "13_cnn", r"sum +197658"),
    ("C SimpleCNN's layers", "13_cnn", r"336[^$]*196672[^$]*650"),
    ("C preprocessing: pixels", "08_preprocessing", r"y\[0, 0\] = 0/255 = 0"),
    ("C preprocessing: special tokens", "08_preprocessing", r"\[CLS\] a tree \[SEP\] \[PAD\] \[PAD\]"),
    ("C preprocessing: padding with a mask", "08_preprocessing", r"\[\[True, True, True\], \[True, False, False\], \[True, True, False\]\]"),
    ("C activations: ReLU", "02_activations", r"relu +0\.0000 +0\.0000 +1\.0000 +2\.0000"),
    ("C activations: GELU, tanh form", "02_activations", r"gelu_tanh +-0\.1588 +0\.0000 +0\.8412 +1\.9546"),
    ("C activations: Swish", "02_activations", r"silu +\[-0\.2689  0\. +0\.7311  1\.7616\]"),
    ("C tokenization by word", "09_tokenization", r"Vanity\|and\|pride\|are\|different\|things"),
    ("C tokenization by character and subword", "09_tokenization", r"character True  Vanity and pride are different things"),
    ("C word vectors", "10_embedding", r"cosine|neighbors?"),
    ("C RNN: the hidden state carries earlier steps", "14_rnn", r"u = 1, x = \[1, 2, 3\]: h\[2\] = 0\.3434\nu = 1, x = \[2, 2, 3\]: h\[2\] = 0\.7616"),
    ("C profiling: made-up numbers", "24_profiling", r"wrong: 123456 parameters, 2048 MB\n +right: 197658 parameters, 0\.79 MB"),
    ("C profiling: multiply-adds", "24_profiling", r"total +197,658 +529,024"),
    ("C batch norm of a batch of two", "19_normalization", r" 1\.00 -1\.00  1\.00  1\.00  1\.00  1\.00  1\.00  1\.00 -1\.00 -1\.00"),
    ("C layer norm", "19_normalization", r"\[-1\.5 -1\. +1\. +1\. +6\. *\]"),
    # D: fundamentals post
    ("D forward and backward propagation", "05_backprop", r"nudged: dW \[\[24\.0, 0\.0\], \[-12\.0, 0\.0\]\]"),
    ("D MLP's parameters", "07_mlp", r"784-64-32-10 +50240 2080 330 sum 52650"),
    ("D MLP's test accuracy", "07_mlp", r"test accuracy 0\.95"),
    ("D black box: what a network looks at", "13_cnn", r"covers that turn the answer: \d+ of 64"),
    ("D overfitting with little data", "07_mlp", r"50 pictures, 115 epochs: training  50 of  50"),
    ("D Transformer", "18_transformer", r"exact match on unseen sequences: 500 of 500"),
    ("D GAN: the value at equilibrium", "23_gan", r"mean 3\.0, spread 0\.5, L_D 1\.39"),
    ("D GAN: mode collapse", "23_gan", r"as it comes +1 1 1 2 2 3 3 4"),
    ("D frameworks: the same numbers in each (the tabs repeat these)", "26_frameworks", r"logits \[6\.0, 6\.0, 4\.0, 3\.0\]"),
    ("D transfer learning with little data", "21_transfer", r"frozen against scratch:  5 to 0  5 to 0"),
    ("D overfitting", "20_regularization", r"train +new +largest weight"),
    # E: gentle introduction
    ("E backpropagation as repeated small corrections", "05_backprop", r"step 1 of 27, forward"),
    ("E MLP's parameters", "07_mlp", r"784-128-64-10 +100480 8256 650 sum 109386"),
    ("E attention", "17_attention", r"\[\[6\. 1\.\]\]"),
    ("E an invented library", "27_claims", r"The import line can be run +false"),
    # Claims
    ("claim: softmax of large logits", "04_losses", r"wrong: \[nan nan nan\]"),
    ("claim: ReLU's range", "27_claims", r"ReLU gives numbers in \(0, inf\) +false"),
    ("claim: biased and unbiased variance", "19_normalization", r"mean biased variance: +2\.0\nmean unbiased variance: +4\.0"),
    ("claim: softmax as it is written", "27_claims", r"exp\(x\) / sum\(exp\(x\)\) is softmax +half true"),
    ("claim: made-up profiling figures", "27_claims", r"123456 parameters, 2048 MB +false"),
]


def printed(stem):
    """All that a chapter's cells print, as nbval compares it."""
    path = next(path for path in CHAPTERS if path.stem == stem)
    return "\n".join(output_text(cell) for cell in code_cells(path))


@pytest.mark.parametrize("chapter, pattern", [pytest.param(chapter, pattern, id=name) for name, chapter, pattern in ROWS])
def test_the_row_is_answered_by_an_executed_output(chapter, pattern):
    assert re.search(pattern, printed(chapter))
