"""Regularizers (penalty and gradient) and constraints (the projected weights)."""

from common import Numbers, in_both, weft_options, write

import jax
import keras
from jax import numpy as jnp

REGULARIZERS = [
    ("L1", {}, (3, 4)),
    ("L1", {"l1": 0.3}, (2, 3, 2)),
    ("L2", {}, (3, 4)),
    ("L2", {"l2": 0.3}, (5,)),
    ("L1L2", {"l1": 0.1, "l2": 0.2}, (3, 4)),
    ("L1L2", {"l2": 0.4}, (3, 4)),
    ("OrthogonalRegularizer", {}, (3, 5)),
    ("OrthogonalRegularizer", {"factor": 0.2, "mode": "columns"}, (5, 3)),
]
CONSTRAINTS = [
    ("MaxNorm", {}, (4, 3)),
    ("MaxNorm", {"max_value": 0.6, "axis": 1}, (4, 3)),
    ("MaxNorm", {"max_value": 0.9, "axis": [0, 1, 2]}, (2, 2, 3, 2)),
    ("MinMaxNorm", {}, (4, 3)),
    ("MinMaxNorm", {"min_value": 0.8, "max_value": 1.1, "rate": 0.5}, (4, 5)),
    ("MinMaxNorm", {"min_value": 1.5, "max_value": 2.0, "axis": 1}, (3, 3)),
    ("NonNeg", {}, (4, 3)),
    ("UnitNorm", {}, (4, 3)),
    ("UnitNorm", {"axis": [0, 1, 2]}, (2, 2, 3, 2)),
]


def regularizer_case(class_name, options, shape):
    x = Numbers(f"{class_name} {options}").uniform(shape, -2.0, 2.0)

    def compute(dtype):
        penalty = getattr(keras.regularizers, class_name)(**options)
        cast = jnp.asarray(x.astype(dtype))
        return {"value": penalty(cast), "gradient": jax.grad(lambda v: penalty(v))(cast)}

    return {"class": class_name, "options": weft_options(options), "weights": x, **in_both(compute)}


def constraint_case(class_name, options, shape):
    x = Numbers(f"{class_name} {options}").uniform(shape, -2.0, 2.0)

    def compute(dtype):
        return {"projected": getattr(keras.constraints, class_name)(**options)(jnp.asarray(x.astype(dtype)))}

    return {"class": class_name, "options": weft_options(options), "weights": x, **in_both(compute)}


write("regularizers", "regularizers", [regularizer_case(*row) for row in REGULARIZERS])
write("constraints", "constraints", [constraint_case(*row) for row in CONSTRAINTS])
