import subprocess
import sys
import types

import dlblocks
import dlblocks.functional as F

BLOCKS = """linear embedding relu leaky_relu elu sigmoid tanh softplus silu gelu softmax log_softmax conv2d max_pool2d avg_pool2d rnn_cell
lstm_cell gru_cell rnn lstm gru batch_norm layer_norm scaled_dot_product_attention dropout mse_loss cross_entropy nll_loss
binary_cross_entropy binary_cross_entropy_with_logits l1_penalty contractive_penalty""".split()


def test_every_block_is_there_with_its_backward_and_nothing_else():
    assert sorted(F.__all__) == sorted(BLOCKS + [f"{name}_backward" for name in BLOCKS])
    for name in F.__all__:
        f = getattr(F, name)
        assert isinstance(f, types.FunctionType) and f.__name__ == name and f.__doc__, name


def test_the_package_itself_hands_on_no_function():
    code = "import types, dlblocks; assert not [n for n in vars(dlblocks) if not n.startswith('__')]; assert dlblocks.__doc__"
    subprocess.run([sys.executable, "-c", code], check=True)
    import dlblocks.embedding
    assert isinstance(dlblocks.embedding, types.ModuleType) and isinstance(dlblocks.linear, types.ModuleType)


def test_the_import_is_quick_in_processor_time_and_takes_numpy_and_the_standard_library_only():
    code = """
import sys, time
start = time.process_time()
import dlblocks.functional
seconds = time.process_time() - start
roots = {name.partition(".")[0] for name in sys.modules}
print(seconds, *sorted(roots - set(sys.stdlib_module_names) - {"__main__", "__mp_main__", "sitecustomize", "usercustomize"}))
"""
    best = min((subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() for _ in range(4)),
               key=lambda words: float(words[0]))
    assert float(best[0]) < 0.3
    assert [name for name in best[1:] if not name.startswith(("_", "distutils"))] == ["dlblocks", "numpy"]
