"""One training loop for every network of the book, and what it needs: evaluation, prediction, accuracy."""

import sys

import numpy as np

from dlblocks.autograd import Tensor
from dlblocks.checks import check_option
from dlblocks.optim import clip_grad_norm
from dlblocks.preprocessing import batches


def fit(model, loss, optimizer, train, *, epochs, batch_size, rng, validation=None, metric=None, max_norm=None, after_epoch=None,
        progress=False):
    """Train ``model`` on mini-batches and return the history: lists with one number per epoch.

    ``train`` and ``validation`` are pairs (x, y); ``loss(model(x), y)`` gives a tensor of one number (such as
    `dlblocks.nn.ops.cross_entropy`), ``metric(outputs, y)`` a number (such as `accuracy`). Everything random comes from
    ``rng``, so that the same Generator gives the same network. ``max_norm`` clips the gradient. ``after_epoch(history)`` is
    called after each epoch and ends the training by returning True. ``progress`` shows a bar.
    The history holds "loss" and the metric's name, each as the mean over the epoch's batches while it trains, and the same
    with "validation_" before them, measured after the epoch.
    """
    history = {}
    for _ in _bar(range(check_option("epochs", epochs, low=1, integer=True)), progress):
        model.train()
        sums = {}
        for x, y in batches(*train, batch_size=batch_size, rng=rng):
            optimizer.zero_grad()
            outputs = model(x)
            value = loss(outputs, y)
            value.backward()
            if max_norm is not None:
                clip_grad_norm(optimizer.parameters, max_norm)
            optimizer.step()
            _collect(sums, outputs, y, value, metric)
        results = {name: total / len(train[0]) for name, total in sums.items()}
        if validation is not None:
            results |= {f"validation_{name}": value for name, value in evaluate(model, loss, validation, metric, batch_size).items()}
        for name, value in results.items():
            history.setdefault(name, []).append(value)
        if after_epoch is not None and after_epoch(history):
            break
    return history


def evaluate(model, loss, data, metric=None, batch_size=256):
    """Return the mean loss (and metric) of ``model`` in evaluation mode over data = (x, y), as a dict of numbers."""
    sums, training = {}, model.training
    model.eval()
    for x, y in batches(*data, batch_size=batch_size):
        outputs = model(x)
        _collect(sums, outputs, y, loss(outputs, y), metric)
    model.train(training)
    return {name: total / len(data[0]) for name, total in sums.items()}


def predict(model, x, batch_size=256):
    """Return the outputs of ``model`` in evaluation mode for all rows of x, as an array."""
    training = model.training
    model.eval()
    outputs = np.concatenate([_array(model(part)) for part in batches(x, batch_size=batch_size)])
    model.train(training)
    return outputs


def accuracy(outputs, targets):
    """The share of rows whose largest output stands at the target: outputs: ... C, targets: ... of ids.

    >>> accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1])
    0.5
    """
    return float(np.mean(np.argmax(_array(outputs), axis=-1) == np.asarray(targets)))


def _collect(sums, outputs, y, value, metric):
    """Add a batch's loss and metric to the sums, weighted by its rows."""
    values = {"loss": float(value.data)} | ({metric.__name__: metric(outputs, y)} if metric is not None else {})
    for name, number in values.items():
        sums[name] = sums.get(name, 0.0) + number * len(y)


def _array(x):
    return x.data if isinstance(x, Tensor) else np.asarray(x)


def _bar(steps, progress):
    """The steps themselves, or a tqdm bar over them; away from a terminal it shows no times, so that a stored output stays equal."""
    if not progress:
        return steps
    from tqdm import tqdm
    stable = {} if sys.stderr.isatty() else {"bar_format": "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}", "ncols": 60}
    return tqdm(steps, **stable)
