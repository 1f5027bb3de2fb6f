import os
import subprocess
import sys

import numpy as np
import pytest

from dlblocks import datasets, nn, training
from dlblocks.optim import SGD, Adam
from dlblocks.preprocessing import one_hot, scale_pixels

rng = np.random.default_rng


def moons(count=200, seed=0):
    return datasets.two_moons(count, rng(seed))


def small_network(seed=0):
    draws = rng(seed)
    return nn.Sequential(nn.Linear(2, 16, rng=draws), nn.Tanh(), nn.Dropout(0.1, rng=draws), nn.Linear(16, 2, rng=draws))


def fitted(seed=0, **options):
    model = small_network(seed)
    options = {"epochs": 3, "batch_size": 32, "rng": rng(seed), "validation": moons(60, 1), "metric": training.accuracy} | options
    return model, training.fit(model, nn.ops.cross_entropy, Adam(model.parameters(), lr=0.02), moons(), **options)


def test_the_history_has_one_number_per_epoch():
    _, history = fitted()
    assert list(history) == ["loss", "accuracy", "validation_loss", "validation_accuracy"]
    assert all(len(values) == 3 and all(isinstance(value, float) for value in values) for values in history.values())
    assert history["loss"][-1] < history["loss"][0]
    assert list(fitted(validation=None, metric=None)[1]) == ["loss"]


def test_the_same_generator_trains_the_same_network():
    (first, history), (again, history_again), (other, _) = fitted(), fitted(), fitted(1)
    assert history == history_again
    assert all(np.array_equal(a.data, b.data) for a, b in zip(first.parameters(), again.parameters()))
    assert not np.array_equal(first.parameters()[0].data, other.parameters()[0].data)


def test_one_step_of_plain_descent_can_be_redone_by_hand():
    model = nn.Linear(1, 1, rng=rng(0))
    model.load_state_dict({"weight": [[2.0]], "bias": [0.0]})
    x, y = np.array([[1.0], [3.0]]), np.array([[1.0], [5.0]])
    history = training.fit(model, nn.ops.mse_loss, SGD(model.parameters(), lr=0.1), (x, y), epochs=1, batch_size=2, rng=rng(0))
    # errors 1 and 1: loss 1, dweight = 2 (1 * 1 + 1 * 3) / 2 = 4, dbias = 2
    assert history == {"loss": [1.0]}
    assert model.weight.data == pytest.approx(1.6) and model.bias.data == pytest.approx(-0.2)


def test_losses_are_means_over_rows_even_if_the_last_batch_is_short():
    model, (x, y) = nn.Linear(2, 2, rng=rng(0)), moons(50)
    one = training.evaluate(model, nn.ops.cross_entropy, (x, y), training.accuracy, batch_size=50)
    many = training.evaluate(model, nn.ops.cross_entropy, (x, y), training.accuracy, batch_size=7)
    assert one == pytest.approx(many, rel=1e-12)
    history = training.fit(model, nn.ops.cross_entropy, SGD(model.parameters(), lr=0.0), (x, y), epochs=2, batch_size=7, rng=rng(0), metric=training.accuracy)
    assert history["loss"] == pytest.approx([one["loss"]] * 2, rel=1e-12) and history["accuracy"] == pytest.approx([one["accuracy"]] * 2)


def test_evaluation_switches_dropout_off_and_training_on_again():
    model, (x, y) = small_network(), moons(50)
    assert training.evaluate(model, nn.ops.cross_entropy, (x, y)) == training.evaluate(model, nn.ops.cross_entropy, (x, y))
    assert model.training
    outputs = training.predict(model, x, batch_size=7)
    assert outputs.shape == (50, 2) and model.training and isinstance(outputs, np.ndarray)
    np.testing.assert_allclose(outputs, model.eval()(x).data, rtol=1e-13)
    training.predict(model, x)
    assert not model.training
    training.evaluate(model, nn.ops.cross_entropy, (x, y))
    assert not model.training
    training.fit(model, nn.ops.cross_entropy, SGD(model.parameters()), (x, y), epochs=1, batch_size=50, rng=rng(0), validation=(x, y))
    assert model.training
    _, history = fitted(epochs=2)
    model, again = fitted(epochs=2)
    assert again["validation_loss"][-1] == training.evaluate(model, nn.ops.cross_entropy, moons(60, 1), batch_size=32)["loss"]


def test_gradients_are_clipped_if_asked():
    model = nn.Linear(2, 2, rng=rng(0))
    before = model.weight.data
    training.fit(model, nn.ops.cross_entropy, SGD(model.parameters(), lr=1.0), moons(), epochs=1, batch_size=200, rng=rng(0), max_norm=1e-3)
    assert np.linalg.norm(model.weight.data - before) <= 1e-3


def test_training_ends_when_the_caller_says_so():
    seen = []

    def after_epoch(history):
        seen.append(len(history["loss"]))
        return len(seen) == 2
    _, history = fitted(epochs=5, after_epoch=after_epoch)
    assert len(history["loss"]) == 2 and seen == [1, 2]


def test_a_network_learns_the_digits():
    (train, labels), (test, test_labels) = datasets.split_digits()
    train, test = (scale_pixels(images.reshape(-1, 64), 16) for images in (train, test))
    draws = rng(0)
    model = nn.Sequential(nn.Linear(64, 32, rng=draws), nn.ReLU(), nn.Linear(32, 10, rng=draws))
    training.fit(model, nn.ops.cross_entropy, Adam(model.parameters(), lr=0.005), (train, labels), epochs=10, batch_size=32, rng=draws)
    assert training.accuracy(training.predict(model, test), test_labels) > 0.93


class LastState(nn.Module):
    def __init__(self, layer, hidden, classes, rng):
        self.layer, self.out = layer(classes, hidden, rng=rng), nn.Linear(hidden, classes, rng=rng)

    def forward(self, x):
        return self.out(self.layer(x)[0][:, -1])


def test_a_gated_network_remembers_the_first_symbol():
    draws = rng(0)
    ids, first = datasets.remember_first(256, 8, draws, symbols=3)
    model = LastState(nn.GRU, 16, 3, draws)
    training.fit(model, nn.ops.cross_entropy, Adam(model.parameters(), lr=0.02), (one_hot(ids, 3), first), epochs=25, batch_size=32, rng=draws, max_norm=1)
    ids, first = datasets.remember_first(256, 8, draws, symbols=3)
    assert training.accuracy(training.predict(model, one_hot(ids, 3)), first) > 0.95


def test_accuracy_takes_tensors_and_sequences():
    logits = np.array([[[0.1, 0.9], [0.8, 0.2]], [[0.3, 0.7], [0.6, 0.4]]])
    assert training.accuracy(logits, [[1, 0], [0, 0]]) == 0.75
    assert training.accuracy(nn.ops.relu(logits), np.array([[1, 0], [0, 0]])) == 0.75


def test_a_bar_is_shown_only_if_asked_and_is_the_same_each_time_away_from_a_terminal(capsys):
    fitted()
    assert capsys.readouterr() == ("", "")
    bars = []
    for _ in range(2):
        fitted(progress=True)
        out, err = capsys.readouterr()
        assert out == ""
        bars.append(err.split("\r")[-1])
    assert bars[0] == bars[1] and bars[0].startswith("100%|") and "3/3" in bars[0] and "it/s" not in bars[0]


def test_tqdm_is_imported_only_for_a_bar():
    code = "import sys; import dlblocks.training; assert 'tqdm' not in sys.modules; list(dlblocks.training._bar(range(2), {})); assert ('tqdm' in sys.modules) == {}"
    for progress in (True, False):
        subprocess.run([sys.executable, "-c", code.format(progress, progress)], check=True, capture_output=True)


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo terminal")
def test_a_bar_on_a_terminal_shows_the_time():
    import pty
    import termios
    main, side = pty.openpty()
    termios.tcsetwinsize(side, (24, 80))
    subprocess.run([sys.executable, "-c", "import dlblocks.training as t; list(t._bar(range(3), True))"], check=True, stderr=side)
    shown = os.read(main, 10000).decode()
    os.close(side), os.close(main)
    assert "3/3 [" in shown


def test_a_block_instead_of_an_operation_is_refused():
    from dlblocks.losses import cross_entropy
    model = small_network()
    with pytest.raises(TypeError, match="cross_entropy: .* must hold real numbers, got Tensor"):
        training.fit(model, cross_entropy, SGD(model.parameters()), moons(), epochs=1, batch_size=8, rng=rng(0))


@pytest.mark.parametrize("options, error, message", [
    ({"epochs": 0}, ValueError, "fit: epochs must be at least 1, got 0"),
    ({"rng": 0}, TypeError, "batches: rng must be a numpy.random.Generator"),
    ({"batch_size": 0}, ValueError, "batches: batch_size must be at least 1"),
])
def test_bad_calls(options, error, message):
    with pytest.raises(error, match=message):
        fitted(**options)
