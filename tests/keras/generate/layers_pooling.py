"""Maximum, average and global pooling in one and two dimensions."""

from common import Numbers, write
from layer_case import layer_case


def size(class_name):
    """Only maximum pooling has a default size."""
    return {"pool_size": 2} if class_name.startswith("Average") else {}


def pooling_1d(class_name):
    n = Numbers(class_name)

    def case(name, shape, **options):
        return layer_case(name, class_name, {**size(class_name), **options}, n.uniform(shape))

    return [
        case("default", (2, 7, 3)),
        case("size 3", (2, 8, 2), pool_size=3),
        case("overlapping", (1, 9, 2), pool_size=3, strides=2),
        case("same", (2, 7, 2), pool_size=2, padding="same"),
        case("same, stride 1", (1, 6, 2), pool_size=4, strides=1, padding="same"),
        case("same, gaps", (1, 8, 3), pool_size=2, strides=3, padding="same"),
        case("gaps", (2, 9, 1), pool_size=2, strides=4),
        case("channels first", (2, 3, 7), pool_size=3, strides=2, data_format="channels_first"),
    ]


def pooling_2d(class_name):
    n = Numbers(class_name)

    def case(name, shape, **options):
        return layer_case(name, class_name, {**size(class_name), **options}, n.uniform(shape))

    return [
        case("default", (2, 5, 6, 2)),
        case("size (3, 2)", (2, 7, 5, 2), pool_size=(3, 2)),
        case("overlapping", (1, 7, 7, 2), pool_size=3, strides=2),
        case("same", (2, 5, 3, 2), pool_size=2, padding="same"),
        case("same, stride 1", (1, 5, 4, 2), pool_size=(2, 3), strides=1, padding="same"),
        case("same, strides (3, 2)", (1, 7, 8, 1), pool_size=(2, 3), strides=(3, 2), padding="same"),
        case("gaps", (1, 7, 8, 2), pool_size=(1, 2), strides=(2, 3)),
        case("whole image", (2, 3, 4, 3), pool_size=(3, 4)),
        case("channels first", (1, 2, 6, 5), pool_size=2, data_format="channels_first"),
    ]


def global_1d(class_name):
    n = Numbers(class_name)

    def case(name, shape, **options):
        return layer_case(name, class_name, options, n.uniform(shape))

    cases = [
        case("default", (2, 5, 3)),
        case("one step", (3, 1, 2)),
        case("keepdims", (2, 4, 3), keepdims=True),
        case("channels first", (2, 3, 4), data_format="channels_first"),
    ]
    if class_name == "GlobalAveragePooling1D":
        import numpy as np

        mask = np.array([[1, 1, 0, 1], [1, 0, 0, 0]], bool)
        cases.append(layer_case("mask", class_name, {}, n.uniform((2, 4, 3)), call={"mask": mask}))
    return cases


def global_2d(class_name):
    n = Numbers(class_name)

    def case(name, shape, **options):
        return layer_case(name, class_name, options, n.uniform(shape))

    return [
        case("default", (2, 5, 3, 2)),
        case("one pixel", (2, 1, 1, 4)),
        case("keepdims", (2, 4, 3, 2), keepdims=True),
        case("channels first", (2, 3, 4, 2), data_format="channels_first"),
    ]


for name in ["MaxPooling1D", "AveragePooling1D"]:
    write("layers", name, pooling_1d(name))
for name in ["MaxPooling2D", "AveragePooling2D"]:
    write("layers", name, pooling_2d(name))
for name in ["GlobalMaxPooling1D", "GlobalAveragePooling1D"]:
    write("layers", name, global_1d(name))
for name in ["GlobalMaxPooling2D", "GlobalAveragePooling2D"]:
    write("layers", name, global_2d(name))
