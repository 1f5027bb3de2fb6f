import numpy as np
import pytest
from hypothesis import given, strategies as st

from dlblocks.checks import ShapeError
from dlblocks.preprocessing import (CLS, MASK, PAD, SEP, SPECIAL_TOKENS, UNK, add_special_tokens, batches, fit_standardize, one_hot,
                                    pad_sequences, scale_pixels, standardize, train_validation_split)

rng = np.random.default_rng
rows = st.integers(2, 60)


def test_pixels_go_to_the_unit_interval_and_keep_their_kind():
    assert scale_pixels(np.array([[0, 128, 255]], dtype=np.uint8)).tolist() == [[0, 128 / 255, 1]]
    small = scale_pixels(np.float32([16, 4]), largest=16)
    assert small.tolist() == [1, 0.25] and small.dtype == np.float32


def test_standardized_training_data_has_mean_0_and_deviation_1_and_a_constant_column_becomes_0():
    x = rng(0).normal(3, 5, (50, 4))
    x[:, 1] = 0.1  # the mean of fifty 0.1s is not exactly 0.1
    z = standardize(x, *fit_standardize(x))
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(z.std(axis=0), [1, 0, 1, 1], atol=1e-12)


def test_other_data_is_standardized_by_the_training_statistics():
    mean, std = fit_standardize(np.array([[0.0], [2.0]]))
    assert standardize([[5.0], [7.0]], mean, std).tolist() == [[4], [6]]


def test_images_are_standardized_per_channel():
    x = rng(1).normal(size=(5, 3, 4, 4)).astype(np.float32)
    mean, std = fit_standardize(x, axis=(0, 2, 3))
    assert mean.shape == std.shape == (1, 3, 1, 1)
    z = standardize(x, mean.astype(np.float64), std)
    assert z.dtype == np.float32
    np.testing.assert_allclose(z.std(axis=(0, 2, 3)), 1, rtol=1e-5)


@given(st.lists(st.integers(0, 6), min_size=1))
def test_one_hot_is_undone_by_argmax_and_has_one_1_per_row(ids):
    encoded = one_hot(ids, 7)
    assert encoded.argmax(axis=-1).tolist() == ids
    assert encoded.sum(axis=-1).tolist() == [1] * len(ids)
    assert set(np.unique(encoded)) <= {0, 1}


@given(st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=7), min_size=1, max_size=5), st.integers(7, 9) | st.none())
def test_padding_keeps_each_sequence_under_its_mask_and_the_value_elsewhere(sequences, length):
    padded, mask = pad_sequences(sequences, value=-1, length=length)
    assert padded.shape == mask.shape == (len(sequences), length or max(map(len, sequences)))
    assert [row[real].tolist() for row, real in zip(padded, mask)] == sequences
    assert (padded[~mask] == -1).all()


def test_sequences_of_vectors_are_padded_along_time_only():
    padded, mask = pad_sequences([np.ones((2, 3)), np.ones((1, 3))])
    assert padded.shape == (2, 2, 3) and mask.tolist() == [[True, True], [True, False]]
    assert padded.dtype == np.float64 and padded[1, 1].tolist() == [0, 0, 0]


def test_special_tokens_have_the_ids_of_their_places():
    assert [SPECIAL_TOKENS[i] for i in (PAD, UNK, CLS, SEP, MASK)] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert add_special_tokens([9, 8], [7]) == [CLS, 9, 8, SEP, 7, SEP]


@given(rows, st.integers(1, 20), st.booleans())
def test_batches_hold_every_row_once_with_rows_kept_together(count, size, drop_last):
    x = np.arange(count)
    seen = list(batches(x, 10 * x, batch_size=size, rng=rng(0), drop_last=drop_last))
    kept = count - count % size if drop_last else count
    joined = np.concatenate([a for a, _ in seen]) if seen else np.array([])
    assert len(joined) == kept and len(set(joined)) == kept
    assert all((b == 10 * a).all() for a, b in seen)
    assert all(len(a) == size for a, _ in seen[:-1])


def test_batches_are_shuffled_by_the_generator_alone():
    x = np.arange(100)
    first, again, other = (np.concatenate(list(batches(x, batch_size=7, rng=rng(seed)))) for seed in (1, 1, 2))
    assert (first == again).all() and (first != other).any() and (first != x).any()
    assert (np.concatenate(list(batches(x, batch_size=7))) == x).all()


@given(rows, st.floats(0.1, 0.9))
def test_a_split_gives_each_row_to_one_part(count, fraction):
    x = np.arange(count)
    if not 0 < round(fraction * count) < count:
        return
    train, validation = train_validation_split(x, -x, fraction=fraction, rng=rng(3))
    assert sorted([*train[0], *validation[0]]) == x.tolist()
    assert (train[1] == -train[0]).all() and (validation[1] == -validation[0]).all()
    assert len(validation[0]) == round(fraction * count)


@pytest.mark.parametrize("call, error, message", [
    (lambda: scale_pixels([0, 256]), ValueError, r"scale_pixels: images must lie in 0..255, got 0..256"),
    (lambda: scale_pixels([-1]), ValueError, r"scale_pixels: images must lie in 0..255, got -1"),
    (lambda: scale_pixels([np.nan]), ValueError, r"scale_pixels: images must lie in"),
    (lambda: scale_pixels(["a"]), TypeError, r"scale_pixels: images must hold real numbers"),
    (lambda: standardize([[1.0, 2.0]], [1.0, 2.0], [1.0, 1.0]), ShapeError, r"standardize: mean and std .* got x \(1, 2\), mean \(2,\)"),
    (lambda: standardize([[1.0, 2.0]], [[1.0], [1.0]], [[1.0], [1.0]]), ShapeError, r"standardize: mean and std"),
    (lambda: standardize([[1.0]], [[1.0]], [[0.0]]), ValueError, r"standardize: std must be positive, got 0"),
    (lambda: one_hot([3], 3), IndexError, r"one_hot: ids must lie in 0..2, got 3"),
    (lambda: one_hot([-1], 3), IndexError, r"one_hot: ids must lie in 0..2, got -1"),
    (lambda: one_hot([0.5], 3), TypeError, r"one_hot: ids must hold integers"),
    (lambda: one_hot([0], True), TypeError, r"one_hot: num_classes must be an integer"),
    (lambda: pad_sequences([]), ValueError, r"pad_sequences: sequences must be a list of sequences of numbers"),
    (lambda: pad_sequences([[1], []]), ValueError, r"pad_sequences: .* none of them empty"),
    (lambda: pad_sequences([[1, 2]], length=1), ValueError, r"pad_sequences: a sequence of length 2 does not fit into length 1"),
    (lambda: pad_sequences([np.ones((1, 2)), np.ones((1, 3))]), ShapeError, r"pad_sequences: sequences may differ in their first axis only"),
    (lambda: batches([1, 2], [1], batch_size=1), ShapeError, r"batches: expected arrays with the same number of rows.* \(2,\), \(1,\)"),
    (lambda: batches([1, 2], batch_size=0), ValueError, r"batches: batch_size must be at least 1, got 0"),
    (lambda: batches([1, 2], batch_size=1, rng=0), TypeError, r"batches: rng must be a numpy.random.Generator .* got 0"),
    (lambda: train_validation_split([1, 2], fraction=0.1, rng=rng(0)), ValueError, r"train_validation_split: .* leaves a part empty"),
    (lambda: train_validation_split([1, 2], fraction=0.5, rng=None), TypeError, r"train_validation_split: rng must be"),
])
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()
