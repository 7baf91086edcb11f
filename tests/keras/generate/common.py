"""Shared by every generator: seeded numbers, Keras names to Weft names, and the JSON writer.

Import this module before `keras`: it selects the JAX backend. Numbers are drawn on a grid of
thousandths, without repetition and without zero, so that no maximum has ties, no kink is hit,
and the files stay short.
"""

import os
import re
import zlib
from contextlib import contextmanager
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import numpy as np  # noqa: E402

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


class Numbers:
    """A seeded source of distinct, short, non-zero float32 values."""

    def __init__(self, seed):
        self.generator = np.random.default_rng(zlib.crc32(seed.encode()))

    def uniform(self, shape, low=-1.0, high=1.0):
        size = int(np.prod(shape))
        grid = np.arange(round(low * 1000), round(high * 1000) + 1)
        grid = grid[grid != 0]
        drawn = self.generator.choice(grid, size, replace=size > len(grid))
        return (drawn / 1000).astype("float32").reshape(shape)

    def positive(self, shape, low=0.1, high=1.5):
        return self.uniform(shape, low, high)

    def integers(self, shape, low, high):
        return self.generator.integers(low, high, shape).astype("int32")


def camel(name):
    """`kernel_size` -> `kernelSize`; text without an inner underscore is kept."""
    return re.sub(r"(?<=[A-Za-z0-9])_([a-z0-9])", lambda m: m.group(1).upper(), name)


def weft_options(options):
    """Keras keyword arguments as Weft options: camelCase keys and string ids, nested objects as class + options."""
    return {camel(key): option_value(value, key) for key, value in options.items()}


def option_value(value, key=""):
    if isinstance(value, Made):
        return {"class": value.class_name, "options": weft_options(value.options)}
    if isinstance(value, str):
        return value if key in ("name", "monitor") else camel(value)
    if isinstance(value, (list, tuple)):
        return [option_value(item) for item in value]
    if isinstance(value, dict):
        return {key: option_value(item) for key, item in value.items()}
    return value


class Made:
    """A nested Keras object (a wrapped layer, a regularizer): its class and options, before it is constructed."""

    def __init__(self, class_name, **options):
        self.class_name = class_name
        self.options = options

    def build(self, namespaces):
        for namespace in namespaces:
            if hasattr(namespace, self.class_name):
                return getattr(namespace, self.class_name)(**build_options(self.options, namespaces))
        raise ValueError(f"No Keras class {self.class_name}")


def build_options(options, namespaces):
    return {key: value.build(namespaces) if isinstance(value, Made) else value for key, value in options.items()}


@contextmanager
def precision(dtype):
    """Everything Keras makes inside has this float type.

    Keras on JAX turns the result of most ops from float64 into float32; the table that says so is
    changed for the time being, so that the float64 run is float64 throughout.
    """
    import keras
    from keras.src.backend.common import dtypes

    before = keras.config.floatx(), keras.config.dtype_policy()
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = dtype
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])
        dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float32"


def number(value):
    """The shortest decimal text that reads back as the same float32."""
    value = np.float32(value)
    if np.isnan(value):
        return '"NaN"'
    if np.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    text = str(value)
    return text[:-2] if text.endswith(".0") else text


def quoted(text):
    import json

    return json.dumps(text, ensure_ascii=False)


def render(value):
    if value is None:
        return "null"
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, float):
        text = repr(value)
        return number(value) if value != value or abs(value) == float("inf") else text.removesuffix(".0")
    if isinstance(value, np.floating):
        return number(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{quoted(str(key))}:{render(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(render(item) for item in value) + "]"
    array = np.asarray(value)
    if array.dtype.kind == "f":
        dtype, data = "float32", ",".join(number(item) for item in array.astype("float32").ravel())
    elif array.dtype.kind == "b":
        dtype, data = "bool", ",".join(str(int(item)) for item in array.ravel())
    else:
        dtype, data = "int32", ",".join(str(int(item)) for item in array.ravel())
    shape = ",".join(map(str, array.shape))
    return f'{{"shape":[{shape}],"dtype":"{dtype}","data":[{data}]}}'


def write(family, name, cases):
    """Writes `fixtures/<family>/<name>.json`, one case a line."""
    import keras

    path = FIXTURES / family / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(render(case) for case in cases)
    path.write_text(f'{{"keras":"{keras.__version__}","family":"{family}","cases":[\n{lines}\n]}}\n')
    print(f"{path.relative_to(FIXTURES)}: {len(cases)} cases, {path.stat().st_size:,} bytes", flush=True)


def rounded(reference, single, what, relative=1e-4, absolute=1e-5):
    """The float64 result, rounded, once the float32 run of Keras agrees with it."""
    reference, single = np.asarray(reference), np.asarray(single)
    if reference.dtype.kind != "f":
        np.testing.assert_array_equal(reference, single, err_msg=what)
        return reference
    np.testing.assert_allclose(single, reference, rtol=relative, atol=absolute, err_msg=what)
    return reference.astype("float32")


def in_both(compute, absolute=1e-6):
    """`compute(dtype)` in float64 and in float32: float64 rounded where they agree, else what float32 gives.

    They differ where Keras's meaning depends on the precision: 1 - 1e-7, overflow.
    """
    import jax

    results = {}
    for dtype in ("float64", "float32"):
        with precision(dtype), jax.enable_x64(dtype == "float64"):
            results[dtype] = jax.tree.map(np.asarray, compute(dtype))

    def choose(exact, single):
        if exact.dtype.kind != "f":
            return single
        close = np.isclose(exact, single, rtol=1e-4, atol=absolute, equal_nan=True)
        return np.where(close, exact.astype("float32"), single)

    with np.errstate(over="ignore"):
        return jax.tree.map(choose, results["float64"], results["float32"])
