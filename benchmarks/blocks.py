"""Each block beside PyTorch on the same float32 arrays: forward, and forward plus backward.

Run with `make benchmark` (or python benchmarks/blocks.py). Both use two threads and take turns; the figures are medians.
Each turn is a short burst of calls, followed by a pause until the threads that wait for more work have gone to sleep: the idle
threads of one library would slow the other. Both find memory that is already mapped: glibc is told to keep what is freed.
The table is printed and written to benchmarks/results.md, which a page of the book shows.
"""

import os
import sys

SETTINGS = {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_MMAP_THRESHOLD_": "1000000000"}
if not SETTINGS.items() <= os.environ.items():  # glibc reads its settings once, when a process starts
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **SETTINGS})

import platform  # noqa: E402
import statistics  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
import torch  # noqa: E402

import dlblocks.functional as F  # noqa: E402

RNG = np.random.default_rng(0)
T = torch.nn.functional


def draw(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def recurrent(name, gates):
    """A row for rnn, lstm or gru: 32 sequences of 50 steps, 64 inputs, 128 hidden units."""
    steps, features, hidden = 50, 64, 128
    arrays = [draw(32, steps, features), None] + ([None] if name == "lstm" else [])
    arrays += [0.1 * draw(features, gates * hidden), 0.1 * draw(hidden, gates * hidden), draw(gates * hidden), draw(gates * hidden)]
    module = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[name](features, hidden, batch_first=True)

    def theirs(x, *weights):
        named = dict(zip(("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"), weights[-4:]))
        return torch.func.functional_call(module, {k: v.T.contiguous() if k[0] == "w" else v for k, v in named.items()}, (x,))[0]

    def ours(*inputs):
        return getattr(F, name)(*inputs)[0]

    def ours_backward(dy, *inputs):
        last = np.zeros((32, hidden), np.float32)
        return getattr(F, f"{name}_backward")((dy, (last, last) if name == "lstm" else last), *inputs)

    return name, f"32 x {steps} x {features}, {hidden} units", ours, ours_backward, theirs, arrays


def rows():
    """(name, what, our forward, our backward, PyTorch's forward, inputs) of every block."""
    image, tokens = draw(16, 16, 32, 32), draw(8, 64, 256)
    ids, classes = RNG.integers(0, 5000, (64, 64)), RNG.integers(0, 1000, 256)
    keep = RNG.random((512, 1024)) > 0.5
    yield "linear", "256 x 512 to 512", F.linear, F.linear_backward, lambda x, w, b: T.linear(x, w.T, b), [draw(256, 512), draw(512, 512), draw(512)]
    yield "embedding", "64 x 64 ids, 5000 x 64", F.embedding, F.embedding_backward, T.embedding, [ids, draw(5000, 64)]
    for padding, size in (((1, 1), 3), ((2, 2), 5)):
        yield (f"conv2d {size}x{size}", "16 x 16 x 32 x 32 to 32", lambda x, w, b, p=padding: F.conv2d(x, w, b, padding=p),
               lambda dy, x, w, b, p=padding: F.conv2d_backward(dy, x, w, b, padding=p),
               lambda x, w, b, p=padding: T.conv2d(x, w, b, padding=p), [image, draw(32, 16, size, size), draw(32)])
    for name in ("max_pool2d", "avg_pool2d"):
        yield (name, "16 x 16 x 32 x 32, 2x2", lambda x, n=name: getattr(F, n)(x, 2), lambda dy, x, n=name: getattr(F, f"{n}_backward")(dy, x, 2),
               lambda x, n=name: getattr(T, n)(x, 2), [image])
    yield recurrent("rnn", 1)
    yield recurrent("lstm", 4)
    yield recurrent("gru", 3)
    heads = [draw(8, 4, 128, 64) for _ in range(3)]
    yield "attention", "8 x 4 heads, 128 tokens, 64", F.scaled_dot_product_attention, F.scaled_dot_product_attention_backward, T.scaled_dot_product_attention, heads
    yield ("batch_norm", "16 x 16 x 32 x 32", F.batch_norm, F.batch_norm_backward,
           lambda x, w, b: T.batch_norm(x, None, None, w, b, training=True), [image, draw(16), draw(16)])
    yield "layer_norm", "8 x 64 x 256", F.layer_norm, F.layer_norm_backward, lambda x, w, b: T.layer_norm(x, (256,), w, b), [tokens, draw(256), draw(256)]
    for name in ("relu", "leaky_relu", "elu", "sigmoid", "tanh", "softplus", "silu", "gelu"):
        yield name, "512 x 1024", getattr(F, name), getattr(F, f"{name}_backward"), getattr(torch, name, None) or getattr(T, name), [draw(512, 1024)]
    yield "softmax", "512 x 1024", F.softmax, F.softmax_backward, lambda x: torch.softmax(x, -1), [draw(512, 1024)]
    yield "log_softmax", "512 x 1024", F.log_softmax, F.log_softmax_backward, lambda x: torch.log_softmax(x, -1), [draw(512, 1024)]
    yield "cross_entropy", "256 x 1000", F.cross_entropy, F.cross_entropy_backward, T.cross_entropy, [draw(256, 1000), classes]
    yield "mse_loss", "512 x 1024", F.mse_loss, lambda dy, x, y: F.mse_loss_backward(dy, x, y), T.mse_loss, [draw(512, 1024), draw(512, 1024)]
    yield ("dropout", "512 x 1024", lambda x, m: F.dropout(x, m, 0.5), lambda dy, x, m: F.dropout_backward(dy, x, m, 0.5),
           lambda x, m: x * m * 2, [draw(512, 1024), keep])


def seconds(calls, bursts=4, length=0.1, pause=0.08):
    """The median time of each call; the calls take turns, a burst of calls each, and the first quarter of a burst warms up."""
    times = [[] for _ in calls]
    for _ in range(bursts):
        for call, kept in zip(calls, times):
            spent, start = [], time.perf_counter()
            while time.perf_counter() - start < length or len(spent) < 8:
                before = time.perf_counter()
                call()
                spent.append(time.perf_counter() - before)
            kept += spent[len(spent) // 4:]
            time.sleep(pause)
    return [statistics.median(kept) for kept in times]


def measure(ours, ours_backward, theirs, arrays):
    """Median times in seconds: our forward, PyTorch's, ours with backward, PyTorch's with backward."""
    dy = np.asarray(draw(*np.shape(ours(*arrays))))
    fixed = [torch.from_numpy(a) if isinstance(a, np.ndarray) else a for a in arrays]
    leaves = [a.clone().requires_grad_() if isinstance(a, torch.Tensor) and a.dtype == torch.float32 else a for a in fixed]
    needed = [a for a in leaves if isinstance(a, torch.Tensor) and a.requires_grad]
    up = torch.from_numpy(dy)

    def forward():
        with torch.no_grad():
            theirs(*fixed)

    def both():
        ours(*arrays)
        ours_backward(dy, *arrays)

    return seconds([lambda: ours(*arrays), forward]) + seconds([both, lambda: torch.autograd.grad(theirs(*leaves), needed, up)])


def geometric_mean(values):
    return float(np.exp(np.mean(np.log(values))))


def main():
    torch.set_num_threads(2)
    only = set(sys.argv[1:])
    lines = ["| block | size (float32) | forward, ms | PyTorch, ms | ratio | with backward, ms | PyTorch, ms | ratio |", "|---|---|---|---|---|---|---|---|"]
    ratios = []
    for name, what, *row in rows():
        if only and not any(word in name for word in only):
            continue
        a, b, c, d = measure(*row)
        ratios.append((a / b, c / d))
        lines.append(f"| `{name}` | {what} | {1e3 * a:.2f} | {1e3 * b:.2f} | {a / b:.1f} | {1e3 * c:.2f} | {1e3 * d:.2f} | {c / d:.1f} |")
        print(lines[-1], flush=True)
    forward, backward = (geometric_mean(column) for column in zip(*ratios))
    lines.append(f"| geometric mean | | | | {forward:.2f} | | | {backward:.2f} |")
    print(lines[-1])
    if not only:
        where = f"Python {platform.python_version()}, NumPy {np.__version__}, PyTorch {torch.__version__}, {os.cpu_count()} cores, 2 threads, medians."
        Path(__file__).with_name("results.md").write_text("\n".join([where, "", *lines, ""]))


if __name__ == "__main__":
    main()
