"""Activation and the activation layers."""

import numpy as np

from common import Numbers, write
from layer_case import layer_case


def table(class_name, rows):
    n = Numbers(class_name)
    return [
        layer_case(name, class_name, options, n.uniform(shape, -3.0, 3.0)) for name, shape, options in rows
    ]


ROWS = {
    "Activation": [
        (name, (2, 7), {"activation": name})
        for name in ["relu", "softmax", "hard_sigmoid", "log_softmax", "swish", "linear", "leaky_relu"]
    ],
    "ReLU": [
        ("default", (2, 5), {}),
        ("negative slope", (3, 4), {"negative_slope": 0.2}),
        ("maximum", (2, 6), {"max_value": 1.5}),
        ("threshold", (2, 6), {"threshold": 0.7}),
        ("all three", (2, 3, 4), {"max_value": 2.0, "negative_slope": 0.1, "threshold": 0.5}),
        ("relu6", (2, 6), {"max_value": 6.0}),
    ],
    "LeakyReLU": [
        ("default", (2, 5), {}),
        ("0.1", (2, 2, 3), {"negative_slope": 0.1}),
        ("0", (4, 3), {"negative_slope": 0.0}),
    ],
    "PReLU": [
        ("default", (3, 5), {}),
        ("sequence", (2, 3, 4), {}),
        ("shared axis 1", (2, 3, 4), {"shared_axes": [1]}),
        ("images, shared", (2, 3, 2, 3), {"shared_axes": [1, 2]}),
    ],
    "ELU": [
        ("default", (2, 5), {}),
        ("alpha 0.5", (3, 4), {"alpha": 0.5}),
        ("alpha 2", (2, 2, 3), {"alpha": 2.0}),
    ],
    "Softmax": [
        ("default", (3, 5), {}),
        ("axis 1", (2, 4, 3), {"axis": 1}),
        ("two axes", (2, 3, 4), {"axis": [1, 2]}),
        ("rank 4", (1, 2, 2, 3), {}),
    ],
}


def masked_softmax():
    n = Numbers("masked softmax")
    mask = np.array([[1, 0, 1, 1], [0, 0, 1, 1]], bool)
    return layer_case("mask", "Softmax", {}, n.uniform((2, 4), -2.0, 2.0), call={"mask": mask})


for name, rows in ROWS.items():
    extra = [masked_softmax()] if name == "Softmax" else []
    write("layers", name, table(name, rows) + extra)
