"""Embedding: the lookup is a product with one-hot rows, and its gradient a sum into rows."""

import numpy as np

from dlblocks.embedding import embedding, embedding_backward


def test_lookup_is_one_hot_times_table():
    rng = np.random.default_rng(1)
    ids, weight, dy = rng.integers(0, 6, (4, 3)), rng.standard_normal((6, 5)), rng.standard_normal((4, 3, 5))
    onehot = np.eye(6)[ids]
    np.testing.assert_allclose(embedding(ids, weight), onehot @ weight, rtol=1e-14)
    np.testing.assert_allclose(embedding_backward(dy, ids, weight), np.einsum("abv,abd->vd", onehot, dy), rtol=1e-13, atol=1e-13)


def test_the_rows_are_a_copy():
    weight = np.array([[1.0, 2.0], [3.0, 4.0]])
    for ids in (0, [0], [[0, 1]]):
        embedding(ids, weight)[...] = 9
    assert weight.tolist() == [[1, 2], [3, 4]]


def test_ids_of_every_integer_kind():
    for kind in np.typecodes["AllInteger"]:
        ids = np.array([1, 0], dtype=kind)
        assert embedding(ids, [[1, 2], [3, 4]]).tolist() == [[3, 4], [1, 2]]
        assert embedding_backward([[1, 2], [3, 4]], ids, [[1, 2], [3, 4]]).tolist() == [[3, 4], [1, 2]]
