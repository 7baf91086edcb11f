"""Every activation function of Keras: values and gradients, far into saturation."""

import common
from common import Numbers, in_both, weft_options, write

import jax
import keras
import numpy as np
from jax import numpy as jnp

# None of these is a kink of any activation (0, 0.5, 1, 3, 6, 20).
LINE = [-50, -12, -6.5, -4, -2.6, -1.3, -0.8, -0.4, -0.05, -0.001, 0.001, 0.05, 0.4, 0.8, 1.3, 2.6, 4, 6.5, 12, 50]
ALONG_AN_AXIS = {"softmax", "log_softmax", "sparsemax", "glu"}
OPTIONS = {
    "relu": [{"negative_slope": 0.2}, {"max_value": 5.0}, {"threshold": 0.7}],
    "leaky_relu": [{"negative_slope": 0.3}],
    "elu": [{"alpha": 0.5}],
    "celu": [{"alpha": 2.0}],
    "gelu": [{"approximate": True}],
    "softmax": [{"axis": 1}],
    "log_softmax": [{"axis": 0}],
    "glu": [{"axis": 1}],
    "sparsemax": [{"axis": 0}],
    "squareplus": [{"b": 1.0}],
    "hard_shrink": [{"threshold": 1.0}],
    "soft_shrink": [{"threshold": 1.0}],
}


def case(name, options):
    n = Numbers(name)
    x = np.array(LINE, "float32")
    if name in ALONG_AN_AXIS:
        x = np.stack([n.uniform((4, 6), -3, 3), n.uniform((4, 6), -30, 30)])
        x = x[0] if name == "sparsemax" else x
    function = getattr(keras.activations, name)
    required = {"threshold": 0.6, "default_value": 0.3} if name == "threshold" else {}
    keywords = {**required, **options}

    def compute(dtype):
        cast = x.astype(dtype)
        y = function(jnp.asarray(cast), **keywords)
        cotangent = Numbers(f"{name} cotangent").uniform(y.shape)
        gradient = jax.grad(lambda v: jnp.sum(function(v, **keywords) * cotangent.astype(dtype)))(cast)
        return {"output": y, "cotangent": cotangent, "gradient": gradient}

    return {
        "name": " ".join([name, *(f"{key} {value}" for key, value in options.items())]),
        "function": common.camel(name),
        "options": weft_options(keywords),
        "input": x,
        **in_both(compute),
    }


NAMES = [
    name
    for name in dir(keras.activations)
    if callable(getattr(keras.activations, name)) and name not in ("get", "serialize", "deserialize")
]
write("activations", "activations", [
    case(name, options) for name in NAMES for options in [{}, *OPTIONS.get(name, [])]
])
