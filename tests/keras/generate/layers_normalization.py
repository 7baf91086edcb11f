"""BatchNormalization (both phases, moving statistics) and LayerNormalization."""

import numpy as np

from common import Numbers, write
from layer_case import layer_case


def batch_normalization():
    n = Numbers("batch normalization")
    train, infer = {"training": True}, {"training": False}

    def case(name, shape, call, **options):
        return layer_case(name, "BatchNormalization", options, n.uniform(shape), call=call)

    mask = np.array([[1, 1, 0], [1, 0, 1]], bool)
    return [
        case("training", (6, 4), train),
        case("inference", (6, 4), infer),
        case("training, images", (3, 3, 4, 2), train),
        case("inference, images", (2, 3, 2, 3), infer),
        case("momentum and epsilon", (5, 3), train, momentum=0.7, epsilon=0.01),
        case("no center", (4, 3), train, center=False),
        case("no scale", (4, 3), train, scale=False),
        case("neither", (4, 3), infer, center=False, scale=False),
        case("axis 1", (3, 4, 2), train, axis=1),
        case("axis 1, inference", (2, 3, 4, 2), infer, axis=1),
        case("sequence", (2, 5, 3), train),
        layer_case("mask", "BatchNormalization", {}, n.uniform((2, 3, 4)), call={"training": True, "mask": mask}),
    ]


def layer_normalization():
    n = Numbers("layer normalization")

    def case(name, shape, **options):
        return layer_case(name, "LayerNormalization", options, n.uniform(shape))

    return [
        case("plain", (3, 5)),
        case("sequence", (2, 4, 6)),
        case("axis 1", (2, 5, 3), axis=1),
        case("axes -2 and -1", (2, 3, 4), axis=[-2, -1]),
        case("axes 1, 2, 3", (2, 3, 2, 4), axis=[1, 2, 3]),
        case("no center", (4, 6), center=False),
        case("no scale", (4, 6), scale=False),
        case("epsilon", (3, 7), epsilon=0.1),
    ]


write("layers", "BatchNormalization", batch_normalization())
write("layers", "LayerNormalization", layer_normalization())
