"""Word vectors: skip-gram with negative sampling moves words that keep the same company close together."""

import numpy as np

from dlblocks.checks import as_ids, check_option, check_shapes
from dlblocks.embedding import embedding, embedding_backward
from dlblocks.preprocessing import as_generator


def skip_gram_pairs(sentences, window=2):
    """Pair each id with every id at most ``window`` places away in its sentence: centers (pairs,), targets (pairs,).

    Raises ValueError if no sentence has two ids, TypeError for ids that are not integers.
    Source: Mikolov, Chen, Corrado and Dean (2013), *Efficient Estimation of Word Representations in Vector Space*,
    section 3.2; there the window of each word is drawn at random up to ``window``.

    >>> centers, targets = skip_gram_pairs([[7, 8, 9]], window=1)
    >>> print(centers, targets)
    [7 8 8 9] [8 7 9 8]
    """
    window = check_option("window", window, low=1, integer=True)
    pairs = [(center, sentence[j]) for sentence in sentences for i, center in enumerate(sentence)
             for j in range(max(0, i - window), min(len(sentence), i + window + 1)) if j != i]
    if not pairs:
        raise ValueError("skip_gram_pairs: no sentence has two ids")
    centers, targets = as_ids("sentences", pairs, np.inf).T
    return centers, targets


def noise_distribution(ids, size, power=0.75):
    """How likely each of ``size`` ids is drawn as noise: its count in ``ids`` to the ``power``, divided by the sum of all.

    Raises IndexError for an id outside 0..size-1.
    Source: Mikolov, Sutskever, Chen, Corrado and Dean (2013), *Distributed Representations of Words and Phrases and
    their Compositionality*, section 2.2.

    >>> noise_distribution([0] * 16 + [1], 2) * 9
    array([8., 1.])
    """
    size, power = check_option("size", size, low=1, integer=True), check_option("power", power, low=0)
    counts = np.bincount(as_ids("ids", ids, size).reshape(-1), minlength=size)
    weights = np.where(counts > 0, counts**power, 0)
    return weights / weights.sum()


def negative_sampling_loss(center, context, label):
    """Sum of ``-log sigmoid(s)`` where label is 1 (a true neighbor) and of ``-log sigmoid(-s)`` where it is 0 (noise), ``s = context @ center``.

    Shapes: center: ... D, context: ... K D, label: ... K; returns a number.
    Raises ShapeError if the shapes do not fit, ValueError for a label other than 0 or 1.
    Source: Mikolov, Sutskever, Chen, Corrado and Dean (2013), equation 4.

    >>> round(float(negative_sampling_loss([1, 2], [[1, 0], [1, -1], [1, -1]], [1, 0, 0])), 4)
    0.9398
    """
    scores, label = _scores(center, context, label)[2:]
    return np.sum(np.logaddexp(0, scores) - label * scores)  # -log sigmoid(s) is log(1 + exp(s)) - s


def negative_sampling_loss_backward(dy, center, context, label):
    """Gradients of `negative_sampling_loss`: with ``ds = sigmoid(s) - label``, ``dcenter = ds @ context``, ``dcontext[k] = ds[k] center``.

    Shapes: dy: a number, center: ... D, context: ... K D, label: ... K; returns (dcenter, dcontext).
    Raises ShapeError if the shapes do not fit, ValueError for a label other than 0 or 1.
    Source: the chain rule; Goldberg and Levy (2014), *word2vec Explained*, derive the loss step by step.

    >>> dcenter, dcontext = negative_sampling_loss_backward(1, [1, 2], [[1, 0], [1, -1], [1, -1]], [1, 0, 0])
    >>> print(dcenter.round(4))
    [ 0.2689 -0.5379]
    """
    center, context, scores, label = _scores(center, context, label)
    dy = check_shapes("dy: ", dy=dy).astype(scores.dtype)
    ds = dy * (np.exp(-np.logaddexp(0, -scores)) - label)  # sigmoid(s), no overflow
    return (ds[..., None, :] @ context)[..., 0, :], ds[..., None] * center[..., None, :]


def train_pass(center, context, pairs, noise, rng, negatives=5, lr=0.025, batch_size=64):
    """Go once through the ``pairs`` in a random order; return the new tables and the mean loss of a pair: (center, context, loss).

    Each pair is joined by ``negatives`` ids drawn from ``noise``, then ``table -= lr * gradient`` for a batch at a time. A
    draw may hit the true neighbor; word2vec's own program skips such a draw.

    Shapes: center: V D, context: V D, pairs: two of (pairs,), noise: V.
    Raises ShapeError if the shapes do not fit, IndexError for an id outside 0..V-1, TypeError if rng is not a Generator.
    Source: Mikolov, Sutskever, Chen, Corrado and Dean (2013), section 2.2, with batches instead of single pairs.
    """
    center, context, noise = check_shapes("center: V D, context: V D, noise: V", center=center, context=context, noise=noise)
    centers, targets = (as_ids("pairs", ids, len(center)) for ids in pairs)
    check_shapes("centers: P, targets: P", centers=centers, targets=targets)
    negatives = check_option("negatives", negatives, low=1, integer=True)
    lr, batch_size = check_option("lr", lr, low=0), check_option("batch_size", batch_size, low=1, integer=True)
    order, total = as_generator(rng).permutation(len(centers)), 0.0
    for start in range(0, len(order), batch_size):
        batch = order[start:start + batch_size]
        draws = rng.choice(len(noise), (len(batch), negatives), p=noise)
        ids = np.concatenate([targets[batch, None], draws], axis=1)
        label = np.zeros(ids.shape, dtype=int)
        label[:, 0] = 1
        rows, near = embedding(centers[batch], center), embedding(ids, context)
        total += float(negative_sampling_loss(rows, near, label))
        drows, dnear = negative_sampling_loss_backward(1, rows, near, label)
        center = center - lr * embedding_backward(drows, centers[batch], center)
        context = context - lr * embedding_backward(dnear, ids, context)
    return center, context, total / len(order)


def nearest(vectors, query, count=5):
    """The ids of the ``count`` rows with the largest cosine to row ``query``, itself left out, nearest first, and these cosines.

    Shapes: vectors: V D; returns ids (count,) and cosines (count,).
    Raises IndexError for a query outside 0..V-1, ValueError for a row of zeros, which has no direction, or a count outside 1..V-1.

    >>> ids, cosines = nearest([[1, 2], [3, 4], [5, 6]], 0, count=2)
    >>> print(ids, cosines.round(4))
    [1 2] [0.9839 0.9734]
    """
    vectors = check_shapes("vectors: V D", vectors=vectors)
    count = check_option("count", count, low=1, high=len(vectors) - 1, integer=True)
    query = int(as_ids("query", check_option("query", query, integer=True), len(vectors)))
    lengths = np.linalg.norm(vectors, axis=1)
    if not lengths.all():
        raise ValueError(f"nearest: row {int(np.argmin(lengths))} of vectors is zero and has no direction")
    directions = vectors / lengths[:, None]
    cosines = directions @ directions[query]
    order = np.argsort(-cosines, kind="stable")
    ids = order[order != query][:count]
    return ids, cosines[ids]


def _scores(center, context, label):
    """The checked arrays and ``s = context @ center``: (center, context, s, label)."""
    center, context, label = check_shapes("center: ... D, context: ... K D, label: ... K", center=center, context=context, label=label)
    if not np.isin(label, (0, 1)).all():
        raise ValueError("negative_sampling_loss: label must hold 1 for a true neighbor and 0 for noise")
    scores = (context @ center[..., None])[..., 0]
    return center, context, scores, label.astype(scores.dtype)
