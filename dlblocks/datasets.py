"""Data for the chapters: the handwritten digits, shipped with the package, and toy problems drawn from a given Generator."""

from pathlib import Path

import numpy as np

from dlblocks.checks import check_option
from dlblocks.preprocessing import as_generator, train_validation_split


def load_digits():
    """Return the 1797 handwritten digits: images (1797, 8, 8) of whole numbers 0..16 as float64, labels (1797,) of 0..9.

    Source: Alpaydin and Kaynak (1998), *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository,
    https://doi.org/10.24432/C50P49, CC BY 4.0; see ``data/LICENSE.md``.

    >>> images, labels = load_digits()
    >>> print(images[0, 0], labels[0])
    [ 0.  0.  5. 13.  9.  1.  0.  0.] 0
    """
    with np.load(Path(__file__).parent / "data" / "digits.npz") as data:
        return data["images"].astype(np.float64), data["labels"].astype(np.int64)


def split_digits(seed=0):
    """Return the digits as (images, labels) of 1438 for training and of 359 for testing, shuffled once by ``seed``.

    >>> (train_images, train_labels), (test_images, test_labels) = split_digits()
    >>> train_images.shape, test_labels.shape
    ((1438, 8, 8), (359,))
    """
    return train_validation_split(*load_digits(), fraction=0.2, rng=np.random.default_rng(seed))


def xor_points(count, rng, noise=0.1):
    """Draw ``count`` points near the corners of the unit square, class 1 where the corner's coordinates differ: (count, 2), (count,)."""
    rng = as_generator(rng)
    corners = rng.integers(0, 2, (count, 2))
    return corners + noise * rng.standard_normal((count, 2)), corners[:, 0] ^ corners[:, 1]


def two_moons(count, rng, noise=0.1):
    """Draw ``count`` points on two interleaved half circles, class 0 the upper and 1 the lower: (count, 2), (count,)."""
    rng = as_generator(rng)
    labels, angles = rng.integers(0, 2, count), np.pi * rng.random(count)
    side = 1 - 2 * labels
    points = np.stack([side * np.cos(angles) + labels, side * np.sin(angles) + 0.5 * labels], axis=1)
    return points + noise * rng.standard_normal((count, 2)), labels


def gaussian_ring(count, rng, modes=8, radius=2.0, noise=0.1):
    """Draw ``count`` points from ``modes`` small clouds on a circle, with the number of each point's cloud: (count, 2), (count,)."""
    rng = as_generator(rng)
    mode = rng.integers(0, modes, count)
    angles = 2 * np.pi * mode / modes
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=1) + noise * rng.standard_normal((count, 2)), mode


def noisy_sine(count, length, rng, period=20.0, noise=0.1):
    """Draw ``count`` sines of random phase with noise, and the same one step later to predict: x and y (count, length, 1)."""
    rng = as_generator(rng)
    steps = 2 * np.pi / period * np.arange(length + 1) + 2 * np.pi * rng.random((count, 1))
    series = (np.sin(steps) + noise * rng.standard_normal(steps.shape))[..., None]
    return series[:, :-1], series[:, 1:]


def adding_problem(count, length, rng):
    """Draw sequences of (number in 0..1, mark), one mark in each half; to find: the sum of the two marked numbers.

    Returns x (count, length, 2), y (count, 1). Guessing 1 for every sequence has a mean squared error of 1/6.
    Source: Hochreiter and Schmidhuber (1997), *Long Short-Term Memory*, section 5.4.
    """
    rng = as_generator(rng)
    length = check_option("length", length, low=2, integer=True)
    values, marks, rows = rng.random((count, length)), np.zeros((count, length)), np.arange(count)
    marks[rows, rng.integers(0, length // 2, count)] = 1
    marks[rows, rng.integers(length // 2, length, count)] = 1
    return np.stack([values, marks], axis=2), (values * marks).sum(axis=1, keepdims=True)


def remember_first(count, length, rng, symbols=4):
    """Draw sequences of symbols 0..symbols - 1; to find: each one's first symbol, after all the others: (count, length), (count,)."""
    rng = as_generator(rng)
    ids = rng.integers(0, symbols, (count, length))
    return ids, ids[:, 0].copy()


def reverse_task(count, length, rng, symbols=8):
    """Draw sequences of symbols 0..symbols - 1; to find: each one backward: (count, length) twice."""
    rng = as_generator(rng)
    ids = rng.integers(0, symbols, (count, length))
    return ids, ids[:, ::-1].copy()


CATEGORIES = {
    "animals": "cat dog horse cow rabbit fox".split(),
    "foods": "bread cheese soup rice cake apple".split(),
    "cities": "paris rome london tokyo cairo lima".split(),
    "colors": "red blue green yellow black white".split(),
}
TEMPLATES = {
    "animals": ["the {} runs across the field", "a {} sleeps in the barn", "she feeds the hungry {} every morning"],
    "foods": ["we eat {} for dinner", "he cooks fresh {} in the kitchen", "this {} tastes good with butter"],
    "cities": ["they travel to {} by train", "my aunt lives in {} near the river", "the streets of {} are crowded"],
    "colors": ["her coat is {} and warm", "he paints the wall {} today", "i like the {} car best"],
}


def template_corpus(count, rng):
    """Draw ``count`` sentences in which words of one kind (`CATEGORIES`) stand in the same surroundings: their vectors become neighbors."""
    rng = as_generator(rng)
    kinds = rng.choice(list(CATEGORIES), count)
    return [rng.choice(TEMPLATES[kind]).format(rng.choice(CATEGORIES[kind])) for kind in kinds]
