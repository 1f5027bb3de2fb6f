"""Optimizers: each step moves every parameter by a rule made of its gradient and of what the optimizer remembers."""

import numpy as np

from dlblocks.checks import check_option


class Optimizer:
    """Holds the parameters (`dlblocks.autograd.Tensor`) and calls `update` for each that has a gradient.

    A subclass writes ``update(x, g, memory)``: from the numbers x, the gradient g and a dict that is empty at first and
    belongs to this parameter, it returns the new numbers. Weight decay adds ``weight_decay * x`` to g beforehand.
    """

    def __init__(self, parameters, lr, weight_decay=0.0):
        self.parameters = list(parameters)
        if not self.parameters:
            raise ValueError(f"{type(self).__name__}: parameters must not be empty")
        self.lr = check_option("lr", lr, low=0)
        self.weight_decay = check_option("weight_decay", weight_decay, low=0)
        self.memories = [{} for _ in self.parameters]

    def zero_grad(self):
        for parameter in self.parameters:
            parameter.grad = None

    def step(self):
        for parameter, memory in zip(self.parameters, self.memories):
            if parameter.grad is not None:
                x, g = parameter.data, parameter.grad
                parameter.data = np.asarray(self.update(x, g + self.weight_decay * x if self.weight_decay else g, memory))


class SGD(Optimizer):
    """Stochastic gradient descent: ``v <- momentum v + g`` (v = g at first), ``x <- x - lr v``.

    Nesterov looks one step ahead: ``x <- x - lr (g + momentum v)``.
    Source: Sutskever, Martens, Dahl and Hinton (2013), *On the Importance of Initialization and Momentum in Deep Learning*,
    in the form PyTorch uses: the learning rate stands outside v.

    >>> from dlblocks.autograd import Tensor
    >>> x = Tensor([1.0])
    >>> optimizer = SGD([x], lr=0.1, momentum=0.5)
    >>> for _ in range(2):
    ...     x.grad = 2 * x.data
    ...     optimizer.step()
    >>> x
    Tensor([0.54])
    """

    def __init__(self, parameters, lr=0.001, momentum=0.0, weight_decay=0.0, nesterov=False):
        super().__init__(parameters, lr, weight_decay)
        self.momentum, self.nesterov = check_option("momentum", momentum, low=0), nesterov
        if nesterov and not momentum:
            raise ValueError("SGD: nesterov needs a momentum above 0")

    def update(self, x, g, memory):
        if self.momentum:
            memory["v"] = v = self.momentum * memory["v"] + g if memory else g
            g = g + self.momentum * v if self.nesterov else v
        return x - self.lr * g


class RMSprop(Optimizer):
    """Divide by a running root mean square: ``s <- alpha s + (1 - alpha) g^2``, ``x <- x - lr g / (sqrt(s) + eps)``.

    With momentum, x moves by ``lr v``, where ``v <- momentum v + g / (sqrt(s) + eps)``.
    Source: Tieleman and Hinton (2012), *Lecture 6.5, COURSERA: Neural Networks for Machine Learning*.
    """

    def __init__(self, parameters, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0):
        super().__init__(parameters, lr, weight_decay)
        self.alpha, self.eps = check_option("alpha", alpha, low=0, below=1), check_option("eps", eps, low=0)
        self.momentum = check_option("momentum", momentum, low=0)

    def update(self, x, g, memory):
        memory["s"] = s = self.alpha * memory.get("s", 0.0) + (1 - self.alpha) * g * g
        memory["v"] = v = self.momentum * memory.get("v", 0.0) + g / (np.sqrt(s) + self.eps)
        return x - self.lr * v


class Adam(Optimizer):
    """Running mean over running root mean square, both freed of their start at zero.

    ``m <- beta1 m + (1 - beta1) g``, ``s <- beta2 s + (1 - beta2) g^2``, and after t steps
    ``x <- x - lr (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps)``.
    Source: Kingma and Ba (2015), *Adam: A Method for Stochastic Optimization*, algorithm 1.

    >>> from dlblocks.autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> x.grad = np.array([0.001, 1000.0])
    >>> Adam([x], lr=0.5, eps=0.0).step()
    >>> print(x.data.round(9))
    [0.5 1.5]
    """

    def __init__(self, parameters, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(parameters, lr, weight_decay)
        beta1, beta2 = betas
        self.beta1, self.beta2 = check_option("beta1", beta1, low=0, below=1), check_option("beta2", beta2, low=0, below=1)
        self.eps = check_option("eps", eps, low=0)

    def update(self, x, g, memory):
        memory["t"] = t = memory.get("t", 0) + 1
        memory["m"] = m = self.beta1 * memory.get("m", 0.0) + (1 - self.beta1) * g
        memory["s"] = s = self.beta2 * memory.get("s", 0.0) + (1 - self.beta2) * g * g
        return x - self.lr / (1 - self.beta1**t) * m / (np.sqrt(s / (1 - self.beta2**t)) + self.eps)


class AdamW(Adam):
    """Adam with weight decay apart from the gradient: ``x <- x - lr weight_decay x`` before each step of Adam.

    Source: Loshchilov and Hutter (2019), *Decoupled Weight Decay Regularization*, algorithm 2.
    """

    def __init__(self, parameters, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(parameters, lr, betas, eps)
        self.decoupled = check_option("weight_decay", weight_decay, low=0)

    def update(self, x, g, memory):
        return super().update(x * (1 - self.lr * self.decoupled), g, memory)


def clip_grad_norm(parameters, max_norm):
    """Scale all gradients by one factor so that their joint length is at most ``max_norm``; return the length before.

    Source: Pascanu, Mikolov and Bengio (2013), *On the Difficulty of Training Recurrent Neural Networks*, section 3.2.

    >>> from dlblocks.autograd import Tensor
    >>> x = Tensor([0.0, 0.0])
    >>> x.grad = np.array([3.0, 4.0])
    >>> clip_grad_norm([x], max_norm=1), x.grad
    (5.0, array([0.6, 0.8]))
    """
    max_norm = check_option("max_norm", max_norm, low=0)
    parameters = [parameter for parameter in parameters if parameter.grad is not None]
    largest = max((float(np.abs(parameter.grad).max()) for parameter in parameters), default=0.0)
    if not np.isfinite(largest):
        raise ValueError("clip_grad_norm: a gradient is not finite")
    # squares of numbers at most 1 cannot overflow
    squares = sum(float(np.sum(np.square(parameter.grad / largest))) for parameter in parameters) if largest else 0.0
    norm = largest * squares**0.5
    if norm > max_norm:
        for parameter in parameters:
            parameter.grad = parameter.grad * (max_norm / norm)
    return norm
