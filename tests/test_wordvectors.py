"""Word vectors: pairs, noise, the loss and its gradient against PyTorch and differences, and training that finds the kinds."""

import numpy as np
import pytest

from dlblocks.checks import ShapeError
from dlblocks.datasets import CATEGORIES, template_corpus
from dlblocks.gradcheck import gradcheck
from dlblocks.wordvectors import (negative_sampling_loss, negative_sampling_loss_backward, nearest, noise_distribution,
                                  skip_gram_pairs, train_pass)

rng = np.random.default_rng


def draw(lead, K=4, D=3, dtype=float):
    r = rng([7, *lead])
    return (r.standard_normal((*lead, D)).astype(dtype), r.standard_normal((*lead, K, D)).astype(dtype), r.integers(0, 2, (*lead, K)))


def test_pairs_stay_in_their_sentence_and_window():
    sentences = [[0, 1, 2, 3, 4], [5], [6, 7]]
    found = sorted(zip(*map(np.ndarray.tolist, skip_gram_pairs(sentences, window=2))))
    assert found == sorted((a, b) for a in range(5) for b in range(5) if 0 < abs(a - b) <= 2) + [(6, 7), (7, 6)]


def test_noise_is_the_tempered_count():
    noise = noise_distribution([[0, 0, 0, 0], [2, 2, 2, 5]], 6)
    np.testing.assert_allclose(noise, np.array([4**0.75, 0, 3**0.75, 0, 0, 1]) / (4**0.75 + 3**0.75 + 1))
    np.testing.assert_allclose(noise_distribution([0, 0, 2], 4, power=0), [0.5, 0, 0.5, 0])


@pytest.mark.parametrize("lead", [(), (5,), (2, 3)])
def test_gradients_agree_with_finite_differences(lead):
    assert gradcheck(negative_sampling_loss, negative_sampling_loss_backward, *draw(lead)) < 1e-7


@pytest.mark.parametrize("lead", [(), (5,), (2, 3)])
@pytest.mark.parametrize("scale", [1, 40])
def test_loss_and_gradients_agree_with_pytorch(lead, scale):
    torch = pytest.importorskip("torch")
    center, context, label = draw(lead)
    center = scale * center
    u, v = (torch.tensor(x, requires_grad=True) for x in (center, context))
    scores = (v * u[..., None, :]).sum(-1)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, torch.tensor(label, dtype=float), reduction="sum")
    loss.backward(torch.tensor(2.5, dtype=float))
    np.testing.assert_allclose(negative_sampling_loss(center, context, label), loss.item(), rtol=1e-12)
    dcenter, dcontext = negative_sampling_loss_backward(2.5, center, context, label)
    np.testing.assert_allclose(dcenter, u.grad.numpy(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(dcontext, v.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_large_scores_stay_finite_and_float32_stays_float32():
    loss = negative_sampling_loss([1e3, 0], [[1e3, 0], [1e3, 0]], [0, 1])
    assert loss == 1e6
    dcenter, dcontext = negative_sampling_loss_backward(1, [-1e3, 0], [[1e3, 0], [1e3, 0]], [0, 1])
    assert dcenter.tolist() == [-1e3, 0] and dcontext.tolist() == [[0, 0], [1e3, 0]]
    center, context, label = draw((5,), dtype=np.float32)
    results = negative_sampling_loss(center, context, label), *negative_sampling_loss_backward(1, center, context, label)
    assert all(x.dtype == np.float32 for x in results)


def test_a_batch_adds_the_updates_of_its_pairs():
    """One batch, followed pair by pair; ids repeat, so rows are hit more than once."""
    center, context = rng(1).standard_normal((2, 5, 3))
    before = center.copy(), context.copy()
    pairs, noise = (np.array([0, 1, 0, 4]), np.array([1, 0, 2, 2])), np.full(5, 0.2)
    new_center, new_context, loss = train_pass(center, context, pairs, noise, rng(3), negatives=2, lr=0.1)
    assert np.array_equal(center, before[0]) and np.array_equal(context, before[1])
    replay, total = rng(3), 0.0
    order, draws = replay.permutation(4), replay.choice(5, (4, 2), p=noise)
    for i, drawn in zip(order, draws):
        for target, true in [(pairs[1][i], 1), (drawn[0], 0), (drawn[1], 0)]:
            p = 1 / (1 + np.exp(-before[0][pairs[0][i]] @ before[1][target]))
            total -= np.log(p if true else 1 - p)
            center[pairs[0][i]] -= 0.1 * (p - true) * before[1][target]
            context[target] -= 0.1 * (p - true) * before[0][pairs[0][i]]
    np.testing.assert_allclose(new_center, center)
    np.testing.assert_allclose(new_context, context)
    assert loss == pytest.approx(total / 4)


@pytest.mark.parametrize("seed", range(3))
def test_training_brings_words_of_one_kind_together(seed):
    sentences = [sentence.split() for sentence in template_corpus(500, rng(seed))]
    words = sorted({word for sentence in sentences for word in sentence})
    ids = [[words.index(word) for word in sentence] for sentence in sentences]
    noise = noise_distribution(np.concatenate(ids), len(words))
    r = rng(seed)
    center, context = (r.random((len(words), 16)) - 0.5) / 16, np.zeros((len(words), 16))
    for _ in range(10):
        center, context, loss = train_pass(center, context, skip_gram_pairs(ids), noise, r, lr=0.02)
    assert loss < 1.5 < 6 * np.log(2)
    for group in CATEGORIES.values():
        for word in group:
            assert {words[i] for i in nearest(center, words.index(word), 5)[0]} == set(group) - {word}


def test_nearest_goes_by_direction_not_length():
    ids, cosines = nearest([[1, 0], [100, 100], [0.1, 0.01], [-1, 0]], 0, count=3)
    assert ids.tolist() == [2, 1, 3]
    np.testing.assert_allclose(cosines, [1 / np.sqrt(1.01), np.sqrt(0.5), -1])


ZEROS, PAIRS = np.zeros((2, 3)), (np.array([0, 1]), np.array([1, 0]))


@pytest.mark.parametrize("call, error, message", [
    (lambda: skip_gram_pairs([[0], []]), ValueError, "skip_gram_pairs: no sentence has two ids"),
    (lambda: skip_gram_pairs([[0, -1]]), IndexError, "skip_gram_pairs: sentences must .* got -1"),
    (lambda: skip_gram_pairs([["a", "b"]]), TypeError, "skip_gram_pairs: sentences must hold"),
    (lambda: skip_gram_pairs([[0, 1]], window=0), ValueError, "skip_gram_pairs: window must be at least 1, got 0"),
    (lambda: noise_distribution([0, 3], 3), IndexError, r"noise_distribution: ids must lie in 0\.\.2, got 3"),
    (lambda: negative_sampling_loss([1, 2], [[1, 2, 3]], [1]), ShapeError, r"context axis 1 \(D\) is 3, but center axis 0 \(D\) is 2"),
    (lambda: negative_sampling_loss([1, 2], [[1, 2]], [1, 0]), ShapeError, r"label axis 0 \(K\) is 2, but context axis 0 \(K\) is 1"),
    (lambda: negative_sampling_loss([1, 2], [[1, 2]], [-1]), ValueError, "label must hold 1 for a true neighbor and 0 for noise"),
    (lambda: negative_sampling_loss_backward([1], [1, 2], [[1, 2]], [1]), ShapeError, "dy has 1 axes"),
    (lambda: train_pass(ZEROS, ZEROS, PAIRS, [0.5, 0.5], 0), TypeError, "train_pass: rng must be a numpy.random.Generator"),
    (lambda: train_pass(ZEROS, ZEROS[:1], PAIRS, [0.5, 0.5], rng(0)), ShapeError, r"context axis 0 \(V\) is 1, but center axis 0 \(V\) is 2"),
    (lambda: train_pass(ZEROS, ZEROS, ([0], [2]), [0.5, 0.5], rng(0)), IndexError, r"pairs must lie in 0\.\.1, got 2"),
    (lambda: nearest(np.eye(3), 3), ValueError, "nearest: count must be at least 1 and at most 2, got 5"),
    (lambda: nearest(np.eye(3), 3, 2), IndexError, r"nearest: query must lie in 0\.\.2, got 3"),
    (lambda: nearest([[1, 0], [0, 0]], 0, 1), ValueError, "nearest: row 1 of vectors is zero and has no direction"),
])
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()
