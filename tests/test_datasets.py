from pathlib import Path

import numpy as np
import pytest

import dlblocks
from dlblocks import datasets

rng = np.random.default_rng
DRAWS = {
    "xor_points": lambda r: datasets.xor_points(200, r),
    "two_moons": lambda r: datasets.two_moons(200, r),
    "gaussian_ring": lambda r: datasets.gaussian_ring(200, r),
    "noisy_sine": lambda r: datasets.noisy_sine(7, 30, r),
    "adding_problem": lambda r: datasets.adding_problem(50, 9, r),
    "remember_first": lambda r: datasets.remember_first(50, 9, r),
    "reverse_task": lambda r: datasets.reverse_task(50, 9, r),
    "template_corpus": lambda r: (datasets.template_corpus(50, r),),
}


def test_the_digits_are_all_there():
    images, labels = datasets.load_digits()
    assert images.shape == (1797, 8, 8) and images.dtype == np.float64 and set(np.unique(images)) == set(range(17))
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # the counts UCI states
    assert (images.sum(), labels[:12].tolist()) == (561718, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])


def test_the_digits_are_small_and_come_with_license_and_citation():
    folder = Path(dlblocks.__file__).parent / "data"
    assert (folder / "digits.npz").stat().st_size < 60_000
    text = (folder / "LICENSE.md").read_text()
    assert "CC BY 4.0" in text and "10.24432/C50P49" in text


def test_the_split_is_the_same_each_time_and_shares_no_image():
    (train, train_labels), (test, test_labels) = datasets.split_digits()
    assert (len(train), len(test), len(train_labels), len(test_labels)) == (1438, 359, 1438, 359)
    assert np.array_equal(test, datasets.split_digits()[1][0]) and not np.array_equal(test, datasets.split_digits(seed=1)[1][0])
    assert not {image.tobytes() for image in train} & {image.tobytes() for image in test}
    assert np.bincount(test_labels).min() > 20
    images, labels = datasets.load_digits()
    known = {image.tobytes(): label for image, label in zip(images, labels)}
    assert all(known[image.tobytes()] == label for image, label in zip(test, test_labels))


@pytest.mark.parametrize("name", DRAWS)
def test_draws_repeat_with_the_seed_and_only_then(name):
    first, again, other = (DRAWS[name](rng(seed)) for seed in (4, 4, 5))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert len({len(part) for part in first}) == 1


def test_xor_classes_are_the_corners():
    points, labels = datasets.xor_points(400, rng(0), noise=0.05)
    corners = points.round().astype(int)
    assert ((corners[:, 0] != corners[:, 1]) == labels).all() and set(labels) == {0, 1}


def test_moons_without_noise_lie_on_two_circles():
    points, labels = datasets.two_moons(100, rng(0), noise=0)
    centers = np.stack([labels, 0.5 * labels], axis=1)
    np.testing.assert_allclose(np.linalg.norm(points - centers, axis=1), 1)
    assert (points[labels == 0, 1] >= 0).all() and (points[labels == 1, 1] <= 0.5).all()


def test_ring_without_noise_lies_on_its_modes():
    points, mode = datasets.gaussian_ring(500, rng(0), modes=5, noise=0)
    centers = np.unique(points.round(9), axis=0)
    assert len(centers) == 5 and set(mode) == set(range(5)) and abs(centers.sum(axis=0)).max() < 1e-8
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 2)


def test_the_sine_to_predict_is_one_step_later():
    x, y = datasets.noisy_sine(3, 25, rng(0))
    assert x.shape == y.shape == (3, 25, 1)
    assert np.array_equal(x[:, 1:], y[:, :-1])
    x, _ = datasets.noisy_sine(3, 25, rng(0), period=10, noise=0)
    np.testing.assert_allclose(x[:, :15], x[:, 10:], atol=1e-12)


def test_adding_marks_one_number_in_each_half_and_sums_them():
    x, y = datasets.adding_problem(300, 11, rng(0))
    assert x.shape == (300, 11, 2) and y.shape == (300, 1)
    assert (x[:, :5, 1].sum(axis=1) == 1).all() and (x[:, 5:, 1].sum(axis=1) == 1).all()
    np.testing.assert_allclose((x[..., 0] * x[..., 1]).sum(axis=1), y[:, 0])
    assert abs(np.mean((y - 1) ** 2) - 1 / 6) < 0.03


def test_remember_and_reverse():
    ids, first = datasets.remember_first(100, 6, rng(0), symbols=3)
    assert ids.shape == (100, 6) and set(ids.flat) == {0, 1, 2} and (first == ids[:, 0]).all()
    ids, backward = datasets.reverse_task(100, 6, rng(0), symbols=5)
    assert (backward[:, 0] == ids[:, -1]).all() and (backward[:, ::-1] == ids).all()


def test_words_of_one_kind_share_their_surroundings():
    sentences = datasets.template_corpus(3000, rng(0))
    assert len(sentences) == 3000
    tokens = sorted({word for sentence in sentences for word in sentence.split()})
    together = np.zeros((len(tokens), len(tokens)))
    place = {word: i for i, word in enumerate(tokens)}
    for words in map(str.split, sentences):
        for i, word in enumerate(words):
            for near in words[max(0, i - 2):i] + words[i + 1:i + 3]:
                together[place[word], place[near]] += 1
    vectors = together / np.linalg.norm(together, axis=1, keepdims=True)
    kind = {word: name for name, words in datasets.CATEGORIES.items() for word in words}
    for word, name in kind.items():
        nearest = np.argsort(-vectors @ vectors[place[word]])[:6]
        assert {kind.get(tokens[i]) for i in nearest} == {name}, word


@pytest.mark.parametrize("call, error, message", [
    (lambda: datasets.two_moons(5, 0), TypeError, "two_moons: rng must be a numpy.random.Generator"),
    (lambda: datasets.adding_problem(5, 1, rng(0)), ValueError, "adding_problem: length must be at least 2, got 1"),
])
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()
