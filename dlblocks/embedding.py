"""The embedding: a table with one row of numbers for each id."""

import numpy as np

from dlblocks.checks import as_ids, check_shapes


def embedding(ids, weight):
    """Look up the row of each id: ``y[..., :] = weight[ids[...]]``.

    Shapes: ids: ..., weight: V D; returns ... D.
    Raises IndexError for an id outside 0..V-1 (a negative one too), TypeError for ids that are not integers.
    Source: Bengio, Ducharme, Vincent and Jauvin (2003), section 2; the arguments are those of PyTorch, ids first.

    >>> embedding([0, 1, 2], [[1, 2], [3, 4], [5, 6]])
    array([[1., 2.],
           [3., 4.],
           [5., 6.]])
    """
    weight = check_shapes("ids: ..., weight: V D", ids=ids, weight=weight)[1]
    ids = as_ids("ids", ids, len(weight))
    return weight.take(ids.astype(np.intp), axis=0)


def embedding_backward(dy, ids, weight):
    """Gradient of `embedding`: ``dweight[v]`` is the sum of the rows of dy whose id is v; an id has no gradient.

    Shapes: dy: ... D, ids: ..., weight: V D; returns dweight, V D.
    Raises IndexError for an id outside 0..V-1, TypeError for ids that are not integers, ShapeError if dy does not fit.
    Source: the chain rule for ``y = onehot(ids) @ weight``, without the multiplications by 0.

    >>> embedding_backward([[1, 10], [2, 20], [3, 30]], [0, 2, 2], [[1, 2], [3, 4], [5, 6]])
    array([[ 1., 10.],
           [ 0.,  0.],
           [ 5., 50.]])
    """
    _, weight, dy = check_shapes("ids: ..., weight: V D, dy: ... D", ids=ids, weight=weight, dy=dy)
    ids = as_ids("ids", ids, len(weight))
    width = weight.shape[1]
    places = ids.reshape(-1, 1).astype(np.intp) * width + np.arange(width)
    dweight = np.zeros(weight.size, np.result_type(weight, dy))
    np.add.at(dweight, places.reshape(-1), dy.reshape(-1))  # several times as fast over numbers as over rows
    return dweight.reshape(weight.shape)
