"""From raw data to arrays: scaled pixels, standardized features, one-hot rows, padded sequences, splits and batches."""

import sys

import numpy as np

from dlblocks.checks import ShapeError, as_floats, as_ids, check_option, check_shapes

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNK, CLS, SEP, MASK = range(5)


def scale_pixels(images, largest=255):
    """Bring pixels from 0..largest to 0..1: ``images / largest``.

    Shapes: images: ...; returns the same shape.
    Raises ValueError if a pixel lies outside 0..largest, TypeError if the pixels are not numbers.

    >>> scale_pixels([0, 51, 255])
    array([0. , 0.2, 1. ])
    """
    images = check_shapes("images: ...", images=images)
    largest = check_option("largest", largest, low=0)
    low, high = float(images.min()), float(images.max())
    if not 0 <= low <= high <= largest or largest == 0:
        raise ValueError(f"scale_pixels: images must lie in 0..{largest:g}, got {low:g}..{high:g}")
    return images / largest


def fit_standardize(x, axis=0):
    """Return the mean and the (biased) standard deviation of x over ``axis``, for `standardize`: take them from training data only.

    Averaged axes are kept with length 1: ``axis=0`` treats each column apart, ``axis=(0, 2, 3)`` each channel of N C H W.
    A feature that is constant gets the deviation 1, so that it becomes 0 and not 0 / 0.
    Shapes: x: ...; returns (mean, std).
    Source: LeCun, Bottou, Orr and Müller (1998), *Efficient BackProp*, section 4.3.

    >>> fit_standardize([[1, 5], [3, 5]])
    (array([[2., 5.]]), array([[1., 1.]]))
    """
    x = check_shapes("x: ...", x=x)
    constant = x.min(axis=axis, keepdims=True) == x.max(axis=axis, keepdims=True)  # rounding can leave a deviation of 1e-17
    return x.mean(axis=axis, keepdims=True), np.where(constant, x.dtype.type(1), x.std(axis=axis, keepdims=True))


def standardize(x, mean, std):
    """Shift and scale by statistics that `fit_standardize` took from the training set: ``(x - mean) / std``.

    Shapes: x: ...; mean and std have as many axes as x, each of x's length or 1; returns x's shape.
    Raises ShapeError if they do not fit, ValueError if a deviation is not positive.

    >>> standardize([[2, 5], [4, 6]], [[2, 5]], [[1, 2]])
    array([[0. , 0. ],
           [2. , 0.5]])
    """
    x = check_shapes("x: ...", x=x)
    mean, std = (as_floats(name, value).astype(x.dtype, copy=False) for name, value in (("mean", mean), ("std", std)))
    if mean.shape != std.shape or mean.ndim != x.ndim or any(m not in (1, n) for m, n in zip(mean.shape, x.shape)):
        raise ShapeError("standardize: mean and std must have x's axes, each of x's length or 1; "
                         f"got x {x.shape}, mean {mean.shape}, std {std.shape}")
    if not (std > 0).all():
        raise ValueError(f"standardize: std must be positive, got {float(std.min()):g}")
    return (x - mean) / std


def one_hot(ids, num_classes):
    """Turn each id into a row of zeros with a 1 at its place: ``y[..., k] = 1 if ids[...] == k else 0``.

    Shapes: ids: ...; returns ... num_classes, as float64.
    Raises IndexError for an id outside 0..num_classes - 1, TypeError if the ids are not integers.

    >>> one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    num_classes = check_option("num_classes", num_classes, low=1, integer=True)
    ids = as_ids("ids", ids, num_classes)
    return (ids[..., None] == np.arange(num_classes)).astype(np.float64)


def pad_sequences(sequences, value=PAD, length=None):
    """Stack sequences of unequal length batch first, filled up at the end, with a mask that says where they are real.

    ``length`` defaults to the longest. Shapes: each sequence: t ...; returns (padded: N length ..., mask: N length), True where real.
    Raises ValueError for an empty sequence or one longer than ``length``, ShapeError if their other axes differ.

    >>> padded, mask = pad_sequences([[7, 8, 9], [5]])
    >>> padded
    array([[7, 8, 9],
           [5, 0, 0]])
    >>> mask.sum(axis=1)
    array([3, 1])
    """
    arrays = [np.asarray(sequence) for sequence in sequences]
    if not arrays or any(a.ndim == 0 or a.dtype.kind not in "iuf" or len(a) == 0 for a in arrays):
        raise ValueError("pad_sequences: sequences must be a list of sequences of numbers, none of them empty")
    if any(a.shape[1:] != arrays[0].shape[1:] for a in arrays):
        shapes = ", ".join(str(a.shape) for a in arrays[:4])
        raise ShapeError(f"pad_sequences: sequences may differ in their first axis only, got {shapes}")
    longest = max(map(len, arrays))
    length = longest if length is None else check_option("length", length, low=1, integer=True)
    if longest > length:
        raise ValueError(f"pad_sequences: a sequence of length {longest} does not fit into length {length}; cut it first")
    padded = np.full((len(arrays), length, *arrays[0].shape[1:]), value, dtype=np.result_type(*arrays))
    for row, a in zip(padded, arrays):
        row[:len(a)] = a
    return padded, np.arange(length) < np.array([len(a) for a in arrays])[:, None]


def add_special_tokens(ids, second=None):
    """Frame one list of ids, or a pair of them: ``[CLS] ids [SEP]`` or ``[CLS] ids [SEP] second [SEP]``.

    Source: Devlin, Chang, Lee and Toutanova (2019), *BERT*, section 3.

    >>> add_special_tokens([7, 8]), add_special_tokens([7], [9])
    ([2, 7, 8, 3], [2, 7, 3, 9, 3])
    """
    return [CLS, *ids, SEP] if second is None else [CLS, *ids, SEP, *second, SEP]


def batches(*arrays, batch_size, rng=None, drop_last=False):
    """Go once through the rows of all arrays together, ``batch_size`` at a time, shuffled by ``rng`` (None: in order).

    Yields an array if there is one, else a tuple; the last batch may be short unless ``drop_last``.
    Raises ShapeError if the arrays differ in length, ValueError for a batch size below 1.

    >>> list(batches([10, 20, 30], batch_size=2))
    [array([10, 20]), array([30])]
    """
    arrays = _rows(arrays)
    batch_size = check_option("batch_size", batch_size, low=1, integer=True)
    count = len(arrays[0])
    order = np.arange(count) if rng is None else as_generator(rng).permutation(count)
    stop = count - count % batch_size if drop_last else count
    picks = (order[start:start + batch_size] for start in range(0, stop, batch_size))
    return (tuple(a[pick] for a in arrays) if len(arrays) > 1 else arrays[0][pick] for pick in picks)


def train_validation_split(*arrays, fraction=0.2, rng):
    """Shuffle the rows of all arrays together and set ``fraction`` of them aside: (training arrays), (validation arrays).

    Raises ShapeError if the arrays differ in length, ValueError if one of the parts would be empty.

    >>> train, validation = train_validation_split([1, 2, 3, 4, 5], rng=np.random.default_rng(0))
    >>> len(train[0]), len(validation[0])
    (4, 1)
    """
    arrays = _rows(arrays)
    count = len(arrays[0])
    held_out = round(check_option("fraction", fraction, low=0, below=1) * count)
    if not 0 < held_out < count:
        raise ValueError(f"train_validation_split: fraction {fraction} of {count} rows leaves a part empty")
    order = as_generator(rng).permutation(count)
    return tuple(a[order[held_out:]] for a in arrays), tuple(a[order[:held_out]] for a in arrays)


def as_generator(rng, asker=None):
    """Return ``rng`` if it is a numpy.random.Generator, else raise TypeError: randomness has one source, and it is explicit."""
    if not isinstance(rng, np.random.Generator):
        asker = asker or sys._getframe(1).f_code.co_name
        raise TypeError(f"{asker}: rng must be a numpy.random.Generator such as numpy.random.default_rng(0), got {rng!r}")
    return rng


def _rows(arrays):
    arrays = [np.asarray(a) for a in arrays]
    if not arrays or any(a.ndim == 0 or len(a) != len(arrays[0]) or len(a) == 0 for a in arrays):
        caller = sys._getframe(1).f_code.co_name
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise ShapeError(f"{caller}: expected arrays with the same number of rows, at least one; got {shapes}")
    return arrays
