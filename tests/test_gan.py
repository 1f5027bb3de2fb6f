import numpy as np
import pytest

from dlblocks import nn
from dlblocks.autograd import Tensor
from dlblocks.gan import discriminator_loss, generator_loss, train_gan
from dlblocks.optim import SGD, Adam

rng = np.random.default_rng
LN3 = np.log(3.0)
REAL, NOISE = np.array([[3.0], [4.0]]), np.array([[-1.0], [1.0]])


def players():
    """The chapter's pair: G(z) = z + 1 and the logit (x - 2) ln 3, whose answers are 3/4 and 9/10 for REAL, 1/10 and 1/2 for NOISE."""
    generator, discriminator = nn.Linear(1, 1, rng=rng(0)), nn.Linear(1, 1, rng=rng(0))
    generator.load_state_dict({"weight": [[1.0]], "bias": [1.0]})
    discriminator.load_state_dict({"weight": [[LN3]], "bias": [-2 * LN3]})
    return generator, discriminator


def contest(generator, discriminator, rate=1.0, **options):
    optimizers = [SGD(player.parameters(), lr=rate) for player in (generator, discriminator)]
    return train_gan(generator, discriminator, optimizers, lambda: REAL, lambda: NOISE, **{"steps": 1} | options)


def numbers(player):
    return [float(parameter.data.item()) for parameter in player.parameters()]


def test_both_losses_at_the_chapters_numbers():
    real, fake = np.log([3.0, 9.0]), np.log([1 / 9, 1.0])
    assert float(discriminator_loss(real, fake).data) == pytest.approx(-np.log(0.75 * 0.9 * 0.9 * 0.5) / 2, rel=1e-12)
    assert float(generator_loss(fake).data) == pytest.approx(np.log(20) / 2, rel=1e-12)
    assert float(generator_loss(fake, saturating=True).data) == pytest.approx(np.log(0.9 * 0.5) / 2, rel=1e-12)
    assert float(discriminator_loss(np.zeros((5, 1)), np.zeros((3, 1))).data) == pytest.approx(np.log(4), rel=1e-12)


@pytest.mark.parametrize("saturating, slope", [(False, -0.99), (True, -0.01)])
def test_the_slope_where_the_discriminator_is_sure(saturating, slope):
    logit = Tensor([-np.log(99.0)])
    generator_loss(logit, saturating).backward()
    assert logit.grad == pytest.approx([slope], rel=1e-12)


def test_a_turn_of_the_discriminator_can_be_redone_by_hand():
    generator, discriminator = players()
    history = contest(generator, discriminator, generator_steps=0)
    # dw = (-0.25 * 3 - 0.1 * 4 + 0.1 * 0 + 0.5 * 2) / 2 = -0.075, dc = (-0.25 - 0.1 + 0.1 + 0.5) / 2 = 0.125
    assert numbers(discriminator) == pytest.approx([LN3 + 0.075, -2 * LN3 - 0.125], rel=1e-12)
    assert numbers(generator) == [1, 1] and all(parameter.grad is None for parameter in generator.parameters())
    assert history == {"discriminator": pytest.approx([0.5958], abs=1e-4), "generator": []}


def test_a_turn_of_the_generator_can_be_redone_by_hand():
    generator, discriminator = players()
    history = contest(generator, discriminator, discriminator_steps=0)
    # da = (-0.9 * -1 - 0.5 * 1) / 2 * ln 3 = 0.2 ln 3, db = (-0.9 - 0.5) / 2 * ln 3 = -0.7 ln 3
    assert numbers(generator) == pytest.approx([1 - 0.2 * LN3, 1 + 0.7 * LN3], rel=1e-12)
    assert numbers(discriminator) == [LN3, -2 * LN3]
    assert history == {"discriminator": [], "generator": pytest.approx([np.log(20) / 2], rel=1e-12)}


def test_the_discriminator_moves_first_and_old_gradients_do_not_count():
    together, turns = players(), players()
    contest(*together, steps=2)
    for _ in range(2):
        contest(*turns, generator_steps=0)
        contest(*turns, discriminator_steps=0)
    assert [numbers(player) for player in together] == [numbers(player) for player in turns]


def test_several_turns_count_one_loss_per_step():
    generator, discriminator = players()
    history = contest(generator, discriminator, rate=0.1, steps=4, discriminator_steps=3, generator_steps=2)
    assert {name: len(losses) for name, losses in history.items()} == {"discriminator": 4, "generator": 4}


def test_training_ends_when_the_caller_says_so():
    seen = []

    def after_step(step):
        seen.append(step)
        return step == 3
    assert len(contest(*players(), steps=9, after_step=after_step)["generator"]) == 3 and seen == [1, 2, 3]


def test_a_generator_learns_where_a_bell_curve_stands():
    draws = rng(0)
    generator = nn.Linear(1, 1, rng=draws)
    discriminator = nn.Sequential(nn.Linear(1, 16, rng=draws), nn.Tanh(), nn.Linear(16, 1, rng=draws))
    optimizers = [Adam(player.parameters(), lr=0.02, betas=(0.5, 0.999)) for player in (generator, discriminator)]
    history = train_gan(generator, discriminator, optimizers, lambda: 3 + 0.5 * draws.standard_normal((64, 1)),
                        lambda: draws.standard_normal((64, 1)), steps=400, discriminator_steps=3)
    spread, mean = np.abs(numbers(generator))
    assert abs(mean - 3) < 0.15 and abs(spread - 0.5) < 0.15
    assert np.mean(history["discriminator"][-100:]) == pytest.approx(np.log(4), abs=0.03)


@pytest.mark.parametrize("options, error, message", [
    ({"steps": 0}, ValueError, "train_gan: steps must be at least 1, got 0"),
    ({"discriminator_steps": -1}, ValueError, "train_gan: discriminator_steps must be at least 0, got -1"),
    ({"generator_steps": 0.5}, TypeError, "train_gan: generator_steps must be an integer, got 0.5"),
])
def test_bad_calls(options, error, message):
    with pytest.raises(error, match=message):
        contest(*players(), **options)


def test_both_optimizers_are_needed():
    generator, discriminator = players()
    with pytest.raises(ValueError, match="zip"):
        train_gan(generator, discriminator, [SGD(generator.parameters(), lr=1.0)], lambda: REAL, lambda: NOISE, steps=1)
