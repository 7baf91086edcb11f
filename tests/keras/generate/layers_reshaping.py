"""Flatten, Reshape, Permute, RepeatVector, zero padding, cropping and up-sampling."""

from common import Numbers, write
from layer_case import layer_case


def cases(class_name, rows):
    n = Numbers(class_name)
    return [layer_case(name, class_name, options, n.uniform(shape)) for name, shape, options in rows]


FIRST = {"data_format": "channels_first"}

TABLE = {
    "Flatten": [
        ("rank 2", (2, 3), {}),
        ("rank 3", (2, 3, 4), {}),
        ("rank 4", (2, 3, 2, 2), {}),
        ("rank 1", (5,), {}),
        ("channels first", (2, 3, 2, 4), FIRST),
        ("rank 5", (1, 2, 3, 1, 2), {}),
    ],
    "Reshape": [
        ("to matrix", (2, 12), {"target_shape": (3, 4)}),
        ("inferred", (2, 4, 3), {"target_shape": (-1, 2)}),
        ("inferred in the middle", (3, 8), {"target_shape": (2, -1, 2)}),
        ("to vector", (2, 3, 4), {"target_shape": (12,)}),
        ("to vector, inferred", (2, 3, 4), {"target_shape": (-1,)}),
        ("with ones", (2, 6), {"target_shape": (1, 6, 1)}),
    ],
    "Permute": [
        ("two", (2, 3, 4), {"dims": (2, 1)}),
        ("three", (2, 3, 4, 2), {"dims": (3, 1, 2)}),
        ("reverse", (1, 2, 3, 4), {"dims": (3, 2, 1)}),
        ("one", (3, 4), {"dims": (1,)}),
        ("unchanged", (2, 3, 2), {"dims": (1, 2)}),
        ("four", (1, 2, 3, 2, 3), {"dims": (2, 4, 1, 3)}),
    ],
    "RepeatVector": [
        ("three", (2, 4), {"n": 3}),
        ("one", (3, 2), {"n": 1}),
        ("seven", (1, 3), {"n": 7}),
    ],
    "ZeroPadding1D": [
        ("default", (2, 3, 2), {}),
        ("two", (1, 4, 3), {"padding": 2}),
        ("asymmetric", (2, 3, 2), {"padding": (0, 3)}),
        ("channels first", (2, 2, 4), {"padding": (1, 2), **FIRST}),
    ],
    "ZeroPadding2D": [
        ("default", (2, 3, 2, 2), {}),
        ("two", (1, 3, 3, 1), {"padding": 2}),
        ("by axis", (1, 2, 3, 2), {"padding": (2, 1)}),
        ("asymmetric", (1, 3, 2, 2), {"padding": ((0, 1), (2, 0))}),
        ("nothing", (1, 2, 2, 2), {"padding": 0}),
        ("channels first", (1, 2, 3, 2), {"padding": ((1, 0), (0, 2)), **FIRST}),
    ],
    "Cropping2D": [
        ("default", (2, 4, 3, 2), {}),
        ("one", (1, 5, 4, 2), {"cropping": 1}),
        ("by axis", (1, 6, 5, 1), {"cropping": (2, 1)}),
        ("asymmetric", (1, 5, 6, 2), {"cropping": ((0, 2), (1, 3))}),
        ("right only", (2, 3, 3, 1), {"cropping": ((0, 1), (0, 2))}),
        ("channels first", (1, 2, 5, 5), {"cropping": ((1, 2), (2, 0)), **FIRST}),
    ],
    "UpSampling1D": [
        ("default", (2, 3, 2), {}),
        ("three", (1, 4, 3), {"size": 3}),
        ("one", (2, 2, 2), {"size": 1}),
    ],
    "UpSampling2D": [
        ("default", (2, 2, 3, 2), {}),
        ("by axis", (1, 3, 2, 2), {"size": (3, 1)}),
        ("nearest, four", (1, 2, 2, 1), {"size": 4}),
        ("bilinear", (1, 3, 4, 2), {"interpolation": "bilinear"}),
        ("bilinear, by axis", (2, 3, 2, 1), {"size": (2, 3), "interpolation": "bilinear"}),
        ("bilinear, one pixel", (1, 1, 1, 2), {"size": 2, "interpolation": "bilinear"}),
        ("channels first", (1, 2, 3, 2), {"size": 2, **FIRST}),
    ],
}

for name, rows in TABLE.items():
    write("layers", name, cases(name, rows))
