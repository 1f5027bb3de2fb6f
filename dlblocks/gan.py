"""Generative adversarial training: the two losses, and the loop in which a generator and a discriminator take turns."""

import numpy as np

from dlblocks.autograd import Tensor
from dlblocks.checks import check_option
from dlblocks.modules import ops


def discriminator_loss(real, fake):
    """What the discriminator pays: ``mean(-log(sigmoid(real))) + mean(-log(1 - sigmoid(fake)))``.

    Shapes: real: ..., fake: ..., the logits of real and of generated examples, tensors or arrays; returns a tensor of one number.
    Logits of 0 cost log(4). Raises what `binary_cross_entropy_with_logits` raises.
    Source: Goodfellow et al. (2014), *Generative Adversarial Nets*, equation 1, with the sign turned.

    >>> print(discriminator_loss([0, 0], [0, 0]).data.round(4))
    1.3863
    """
    return cost_of_saying(1, real) + cost_of_saying(0, fake)


def generator_loss(fake, saturating=False):
    """What the generator pays: ``mean(-log(sigmoid(fake)))``, or, saturating, ``mean(log(1 - sigmoid(fake)))``.

    Shapes: fake: ..., the logits of generated examples, a tensor or an array; returns a tensor of one number.
    Raises what `binary_cross_entropy_with_logits` raises.
    Source: Goodfellow et al. (2014), *Generative Adversarial Nets*, section 3.

    >>> print(generator_loss([0]).data.round(4), generator_loss([0], saturating=True).data.round(4))
    0.6931 -0.6931
    """
    return -cost_of_saying(0, fake) if saturating else cost_of_saying(1, fake)


def cost_of_saying(label, logits):
    """The mean binary cross-entropy of logits against one label, 1 for "real" or 0 for "generated", as a tensor of one number."""
    shape = logits.shape if isinstance(logits, Tensor) else np.shape(logits)
    return ops.binary_cross_entropy_with_logits(logits, np.full(shape, float(label)))


def train_gan(generator, discriminator, optimizers, draw_real, draw_noise, *, steps, discriminator_steps=1, generator_steps=1,
              saturating=False, after_step=None):
    """Let both networks take turns and return the history: the lists "discriminator" and "generator", one loss per step.

    ``optimizers`` is a pair, the generator's first. ``draw_real()`` and ``draw_noise()`` give a fresh batch each. In one step
    the discriminator learns ``discriminator_steps`` times, then the generator ``generator_steps`` times; each loss is the last
    one before its update. ``after_step(step)`` is called with 1, 2, ... and ends the training by returning True.
    """
    history = {"discriminator": [], "generator": []}
    turns = {"discriminator": check_option("discriminator_steps", discriminator_steps, low=0, integer=True),
             "generator": check_option("generator_steps", generator_steps, low=0, integer=True)}
    losses = {"discriminator": lambda: discriminator_loss(discriminator(draw_real()), discriminator(generator(draw_noise()).data)),
              "generator": lambda: generator_loss(discriminator(generator(draw_noise())), saturating)}
    learners = dict(zip(("generator", "discriminator"), optimizers, strict=True))
    for step in range(1, check_option("steps", steps, low=1, integer=True) + 1):
        for name, count in turns.items():
            for _ in range(count):
                learners[name].zero_grad()  # the other player's turn left gradients here
                loss = losses[name]()
                loss.backward()
                learners[name].step()
            if count:
                history[name].append(float(loss.data))
        if after_step is not None and after_step(step):
            break
    return history
