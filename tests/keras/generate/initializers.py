"""Initializers: exact values where there is no chance, else what a large sample must look like."""

from common import weft_options, write

import keras
import numpy as np

EXACT = [
    ("Zeros", {}, (2, 3)),
    ("Ones", {}, (4,)),
    ("Constant", {"value": 0.3}, (2, 2)),
    ("Identity", {}, (3, 3)),
    ("Identity", {"gain": 2.0}, (2, 4)),
]
DENSE, CONV = (150, 250), (3, 5, 40, 60)
RANDOM = [
    ("GlorotUniform", {}), ("GlorotNormal", {}), ("HeUniform", {}), ("HeNormal", {}),
    ("LecunUniform", {}), ("LecunNormal", {}),
    ("RandomUniform", {}), ("RandomUniform", {"minval": -2.0, "maxval": 1.0}),
    ("RandomNormal", {}), ("RandomNormal", {"mean": 1.0, "stddev": 0.5}),
    ("TruncatedNormal", {}), ("TruncatedNormal", {"mean": -1.0, "stddev": 0.5}),
    ("VarianceScaling", {}),
    ("VarianceScaling", {"scale": 2.0, "mode": "fan_out", "distribution": "untruncated_normal"}),
    ("VarianceScaling", {"scale": 0.5, "mode": "fan_avg", "distribution": "uniform"}),
]


def exact_case(class_name, options, shape):
    initializer = getattr(keras.initializers, class_name)(**options)
    return {"class": class_name, "options": weft_options(options), "shape": shape,
            "value": np.asarray(initializer(shape))}


def random_case(class_name, options, shape):
    sample = np.asarray(getattr(keras.initializers, class_name)(seed=1, **options)(shape))
    return {
        "class": class_name, "options": weft_options(options), "shape": shape,
        "mean": np.float32(sample.mean()), "stddev": np.float32(sample.std()),
        "smallest": np.float32(sample.min()), "largest": np.float32(sample.max()),
    }


def orthogonal_case(options, shape):
    """The product with its transpose is gain² times the identity on the smaller side."""
    value = np.asarray(keras.initializers.Orthogonal(seed=1, **options)(shape)).reshape(-1, shape[-1])
    rows, columns = value.shape
    product = value @ value.T if rows < columns else value.T @ value
    gain = options.get("gain", 1.0)
    np.testing.assert_allclose(product, gain**2 * np.eye(len(product)), atol=1e-5)
    return {"class": "Orthogonal", "options": weft_options(options), "shape": shape, "gain": gain}


write("initializers", "exact", [exact_case(*row) for row in EXACT])
write("initializers", "random", [random_case(*row, shape) for row in RANDOM for shape in (DENSE, CONV)])
write("initializers", "orthogonal", [
    orthogonal_case({}, (6, 4)), orthogonal_case({}, (3, 7)), orthogonal_case({"gain": 2.0}, (3, 2, 4)),
])
