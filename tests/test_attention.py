"""What the table of cases does not say about attention."""

import numpy as np

from cases import draw
from dlblocks.attention import scaled_dot_product_attention, scaled_dot_product_attention_backward


def test_a_query_with_nothing_to_attend_to_gives_zeros_and_gets_none():
    query, key, value, dy = draw(3, 4), draw(5, 4), draw(5, 2), draw(3, 2, seed=1)
    mask = np.ones((3, 5), bool)
    mask[1] = False
    assert scaled_dot_product_attention(query, key, value, mask)[1].tolist() == [0, 0]
    assert scaled_dot_product_attention_backward(dy, query, key, value, mask)[0][1].tolist() == [0] * 4


def test_query_0_sees_key_0_alone_under_a_causal_mask():
    """The mask is aligned at the top left, whatever the number of keys."""
    for keys in (2, 3, 7):
        value = draw(keys, 2)
        y = scaled_dot_product_attention(draw(3, 4), draw(keys, 4), value, is_causal=True)
        np.testing.assert_allclose(y[0], value[0], rtol=1e-15)


def test_a_key_that_is_masked_out_has_no_influence_and_no_gradient():
    query, key, value, dy = draw(2, 3, 4), draw(2, 5, 4), draw(2, 5, 2), draw(2, 3, 2, seed=1)
    mask = np.ones((1, 5), bool)
    mask[0, 3] = False
    changed = key.copy()
    changed[:, 3] = 1e3
    assert np.array_equal(*(scaled_dot_product_attention(query, k, value, mask) for k in (key, changed)))
    _, dkey, dvalue = scaled_dot_product_attention_backward(dy, query, key, value, mask)
    assert not dkey[:, 3].any() and not dvalue[:, 3].any() and dkey[:, 2].any()


def test_a_mask_of_doubles_leaves_single_precision_alone():
    query, key, value = (draw(3, 4, seed=k).astype(np.float32) for k in range(3))
    assert scaled_dot_product_attention(query, key, value, mask=draw(3, 3), scale=np.float64(0.5)).dtype == np.float32
