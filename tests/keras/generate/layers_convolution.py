"""Conv1D, Conv2D and DepthwiseConv2D: strides, paddings, dilations and groups at odd sizes."""

from common import Numbers, write
from layer_case import layer_case


def conv1d():
    n = Numbers("conv1d")

    def case(name, shape, **options):
        return layer_case(name, "Conv1D", options, n.uniform(shape))

    return [
        case("valid", (2, 7, 3), filters=4, kernel_size=3),
        case("same, even kernel", (1, 6, 2), filters=3, kernel_size=4, padding="same", activation="tanh"),
        case("same, stride 3", (2, 8, 2), filters=2, kernel_size=5, strides=3, padding="same"),
        case("causal", (2, 6, 2), filters=3, kernel_size=3, padding="causal"),
        case("causal, dilation 2", (1, 7, 2), filters=2, kernel_size=3, padding="causal", dilation_rate=2),
        case("causal, stride 2", (1, 7, 1), filters=2, kernel_size=2, padding="causal", strides=2),
        case("groups", (2, 5, 4), filters=6, kernel_size=2, groups=2, use_bias=False),
        case("dilation 3, same", (1, 9, 2), filters=2, kernel_size=3, dilation_rate=3, padding="same"),
        case("kernel 1", (2, 4, 3), filters=2, kernel_size=1, activation="relu"),
        case("stride wider than kernel", (2, 9, 2), filters=2, kernel_size=2, strides=3),
        case("channels first", (2, 3, 7), filters=2, kernel_size=3, padding="same", data_format="channels_first"),
    ]


def conv2d():
    n = Numbers("conv2d")

    def case(name, shape, **options):
        return layer_case(name, "Conv2D", options, n.uniform(shape))

    return [
        case("valid", (2, 5, 6, 3), filters=4, kernel_size=3),
        case("same, relu", (2, 5, 4, 2), filters=3, kernel_size=3, padding="same", activation="relu"),
        case("same, even kernel", (1, 5, 6, 2), filters=2, kernel_size=(2, 4), padding="same"),
        case("strides 2 and 3", (2, 7, 8, 2), filters=2, kernel_size=(3, 2), strides=(2, 3)),
        case("same, strides 3 and 2", (1, 7, 7, 2), filters=3, kernel_size=(2, 5), strides=(3, 2), padding="same"),
        case("same, stride 2, even size", (1, 6, 6, 1), filters=2, kernel_size=3, strides=2, padding="same"),
        case("dilation 2", (1, 7, 6, 2), filters=2, kernel_size=(3, 2), dilation_rate=2),
        case("dilation (1, 3), same", (1, 4, 7, 2), filters=2, kernel_size=3, dilation_rate=(1, 3), padding="same"),
        case("groups 2", (2, 4, 5, 4), filters=6, kernel_size=3, groups=2),
        case("groups are channels", (1, 5, 5, 3), filters=3, kernel_size=2, groups=3, padding="same"),
        case("no bias, kernel 1", (2, 3, 3, 4), filters=3, kernel_size=1, use_bias=False),
        case("stride wider than kernel", (1, 8, 7, 2), filters=2, kernel_size=(1, 2), strides=(3, 4)),
        case("kernel covers the image", (2, 3, 4, 2), filters=5, kernel_size=(3, 4), activation="sigmoid"),
        case("channels first", (1, 2, 5, 6), filters=3, kernel_size=3, strides=2, data_format="channels_first"),
    ]


def depthwise_conv2d():
    n = Numbers("depthwise")

    def case(name, shape, **options):
        return layer_case(name, "DepthwiseConv2D", options, n.uniform(shape))

    return [
        case("valid", (2, 5, 5, 3), kernel_size=3),
        case("multiplier 2", (1, 5, 4, 3), kernel_size=(3, 2), depth_multiplier=2, activation="tanh"),
        case("same, stride 2", (2, 7, 5, 2), kernel_size=3, strides=2, padding="same"),
        case("same, even kernel, multiplier 3", (1, 4, 5, 2), kernel_size=2, padding="same", depth_multiplier=3),
        case("dilation 2", (1, 7, 7, 2), kernel_size=3, dilation_rate=2, use_bias=False),
        case("dilation 2, same", (1, 5, 6, 2), kernel_size=3, dilation_rate=(2, 2), padding="same"),
        case("one channel, stride 3", (2, 8, 7, 1), kernel_size=(2, 3), strides=3),
        case("channels first", (1, 2, 5, 5), kernel_size=3, padding="same", data_format="channels_first"),
    ]


write("layers", "Conv1D", conv1d())
write("layers", "Conv2D", conv2d())
write("layers", "DepthwiseConv2D", depthwise_conv2d())
