"""Dense, Embedding, Identity, Masking, Rescaling and Activation."""

from common import Made, Numbers, write
from layer_case import layer_case

import numpy as np


def dense():
    n = Numbers("dense")
    return [
        layer_case("plain", "Dense", {"units": 4}, n.uniform((3, 5))),
        layer_case("relu", "Dense", {"units": 7, "activation": "relu"}, n.uniform((5, 3))),
        layer_case("softmax", "Dense", {"units": 6, "activation": "softmax"}, n.uniform((4, 9))),
        layer_case("no bias, gelu", "Dense", {"units": 3, "use_bias": False, "activation": "gelu"}, n.uniform((2, 4))),
        layer_case("rank 3", "Dense", {"units": 5, "activation": "tanh"}, n.uniform((2, 3, 4))),
        layer_case("rank 4, one unit", "Dense", {"units": 1, "activation": "sigmoid"}, n.uniform((2, 2, 3, 5))),
        layer_case("batch of one", "Dense", {"units": 17, "activation": "elu"}, n.uniform((1, 13))),
    ]


def embedding():
    n = Numbers("embedding")
    return [
        layer_case("plain", "Embedding", {"input_dim": 7, "output_dim": 3}, n.integers((2, 4), 0, 7)),
        layer_case(
            "mask zero", "Embedding", {"input_dim": 6, "output_dim": 4, "mask_zero": True},
            np.array([[1, 2, 0], [0, 5, 5], [3, 0, 0]], "int32"),
        ),
        layer_case("one dimension", "Embedding", {"input_dim": 5, "output_dim": 2}, n.integers((6,), 0, 5)),
        layer_case("three dimensions", "Embedding", {"input_dim": 4, "output_dim": 3}, n.integers((2, 3, 2), 0, 4)),
        layer_case(
            "repeated index", "Embedding", {"input_dim": 3, "output_dim": 5}, np.array([[2, 2, 2, 0]], "int32")
        ),
        layer_case("one column", "Embedding", {"input_dim": 9, "output_dim": 1}, n.integers((3, 3), 0, 9)),
    ]


def masking():
    n = Numbers("masking")
    x = n.uniform((2, 4, 3))
    x[0, 1:3] = 0
    x[1, 3] = 0
    x[1, 0, 1] = 0
    y = n.uniform((3, 3, 2))
    y[0, 2] = -1
    y[2, 0, 0] = -1
    return [
        layer_case("zero", "Masking", {}, x),
        layer_case("mask value", "Masking", {"mask_value": -1.0}, y),
        layer_case("nothing masked", "Masking", {"mask_value": 9.0}, n.uniform((2, 2, 2))),
    ]


def rescaling():
    n = Numbers("rescaling")
    return [
        layer_case("scale", "Rescaling", {"scale": 1 / 255}, n.uniform((2, 3, 3, 1), 0.0, 2.0)),
        layer_case("scale and offset", "Rescaling", {"scale": 2.0, "offset": -1.0}, n.uniform((2, 5))),
        layer_case("negative", "Rescaling", {"scale": -0.5, "offset": 3.0}, n.uniform((2, 2, 3))),
    ]


def identity():
    n = Numbers("identity")
    return [
        layer_case("rank 2", "Identity", {}, n.uniform((2, 3))),
        layer_case("rank 4", "Identity", {}, n.uniform((1, 2, 3, 2))),
    ]


def time_distributed():
    n = Numbers("time distributed")
    conv = Made("Conv2D", filters=2, kernel_size=2, strides=1, activation="relu")
    return [
        layer_case(
            "dense", "TimeDistributed", {"layer": Made("Dense", units=3, activation="tanh")}, n.uniform((2, 4, 5))
        ),
        layer_case("conv2d", "TimeDistributed", {"layer": conv}, n.uniform((2, 3, 4, 4, 2))),
        layer_case("flatten", "TimeDistributed", {"layer": Made("Flatten")}, n.uniform((2, 2, 3, 2))),
        layer_case(
            "max pooling", "TimeDistributed", {"layer": Made("MaxPooling1D", pool_size=2)}, n.uniform((2, 3, 5, 2))
        ),
        layer_case(
            "normalization", "TimeDistributed", {"layer": Made("LayerNormalization")}, n.uniform((2, 3, 4))
        ),
        layer_case(
            "dense without bias", "TimeDistributed", {"layer": Made("Dense", units=2, use_bias=False)},
            n.uniform((1, 5, 3)),
        ),
    ]


write("layers", "Dense", dense())
write("layers", "Embedding", embedding())
write("layers", "Masking", masking())
write("layers", "Rescaling", rescaling())
write("layers", "Identity", identity())
write("layers", "TimeDistributed", time_distributed())
