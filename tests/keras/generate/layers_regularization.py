"""Dropout and GaussianNoise at inference; what training must do on average is stated, not stored."""

from common import Numbers, write
from layer_case import layer_case


def dropout():
    n = Numbers("dropout")
    infer = {"training": False}
    cases = [
        layer_case("inference", "Dropout", {"rate": 0.5}, n.uniform((3, 4)), call=infer),
        layer_case("inference, noise shape", "Dropout", {"rate": 0.3, "noise_shape": (None, 1, 4)},
                   n.uniform((2, 3, 4)), call=infer),
        layer_case("training, rate 0", "Dropout", {"rate": 0.0}, n.uniform((2, 5)), call={"training": True}),
        layer_case("default phase", "Dropout", {"rate": 0.9}, n.uniform((2, 3, 2))),
    ]
    return cases


def gaussian_noise():
    n = Numbers("gaussian noise")
    infer = {"training": False}
    return [
        layer_case("inference", "GaussianNoise", {"stddev": 0.5}, n.uniform((3, 4)), call=infer),
        layer_case("training, stddev 0", "GaussianNoise", {"stddev": 0.0}, n.uniform((2, 5)), call={"training": True}),
    ]


write("layers", "Dropout", dropout())
write("layers", "GaussianNoise", gaussian_noise())
