"""Every optimizer: two variables, given gradients, the variables after each of six steps."""

from common import Made, Numbers, in_both, weft_options, write

import keras
import numpy as np

NAMESPACES = [keras.optimizers, keras.optimizers.schedules]
STEPS = 6
SCHEDULE = Made("ExponentialDecay", initial_learning_rate=0.1, decay_steps=2, decay_rate=0.5)

# The options every optimizer inherits, tried on a simple one and on one with state.
COMMON = [
    ("clip by norm", {"clipnorm": 0.5}),
    ("clip by value", {"clipvalue": 0.2}),
    ("clip by global norm", {"global_clipnorm": 0.7}),
    ("weight decay", {"weight_decay": 0.05}),
    ("moving average", {"use_ema": True, "ema_momentum": 0.8}),
    ("moving average, overwriting", {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 2}),
    ("gradient accumulation", {"gradient_accumulation_steps": 2}),
    ("gradient accumulation 3, clipped", {"gradient_accumulation_steps": 3, "clipnorm": 0.5}),
    ("loss scale", {"loss_scale_factor": 4.0}),
    ("schedule", {"learning_rate": SCHEDULE}),
]

TABLE = {
    "SGD": [
        ("momentum", {"learning_rate": 0.1, "momentum": 0.9}),
        ("nesterov", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
        ("nesterov, weight decay", {"momentum": 0.5, "nesterov": True, "weight_decay": 0.1}),
        *[(name, {"learning_rate": 0.1, **options}) for name, options in COMMON],
    ],
    "RMSprop": [
        ("rho", {"learning_rate": 0.05, "rho": 0.7}),
        ("momentum", {"learning_rate": 0.05, "momentum": 0.9}),
        ("centered", {"learning_rate": 0.05, "centered": True}),
        ("centered, momentum, epsilon", {"learning_rate": 0.05, "centered": True, "momentum": 0.5, "epsilon": 0.01}),
    ],
    "Adam": [
        ("rate", {"learning_rate": 0.1}),
        ("betas", {"learning_rate": 0.05, "beta_1": 0.7, "beta_2": 0.9}),
        ("amsgrad", {"learning_rate": 0.05, "amsgrad": True, "beta_2": 0.5}),
        ("epsilon", {"learning_rate": 0.05, "epsilon": 0.1}),
        *[(name, {"learning_rate": 0.05, **options}) for name, options in COMMON],
    ],
    "AdamW": [
        ("rate", {"learning_rate": 0.1}),
        ("decay", {"learning_rate": 0.05, "weight_decay": 0.2}),
        ("amsgrad", {"learning_rate": 0.05, "amsgrad": True}),
    ],
    "Adagrad": [
        ("rate", {"learning_rate": 0.2}),
        ("accumulator", {"learning_rate": 0.2, "initial_accumulator_value": 0.0}),
    ],
    "Adadelta": [("rate", {"learning_rate": 1.0}), ("rho", {"learning_rate": 1.0, "rho": 0.6, "epsilon": 1e-3})],
    "Adamax": [("rate", {"learning_rate": 0.1}), ("betas", {"beta_1": 0.6, "beta_2": 0.8})],
    "Nadam": [("rate", {"learning_rate": 0.1}), ("betas", {"beta_1": 0.6, "beta_2": 0.8})],
    "Lion": [("rate", {"learning_rate": 0.1}), ("betas, decay", {"beta_1": 0.6, "beta_2": 0.8, "weight_decay": 0.1})],
    "Ftrl": [
        ("rate", {"learning_rate": 0.1}),
        ("regularized", {
            "learning_rate": 0.1, "l1_regularization_strength": 0.01, "l2_regularization_strength": 0.1,
        }),
        ("power, shrinkage", {
            "learning_rate": 0.1, "learning_rate_power": -0.3, "l2_shrinkage_regularization_strength": 0.05,
            "initial_accumulator_value": 0.2, "beta": 0.5,
        }),
    ],
    "Lamb": [("rate", {"learning_rate": 0.1})],
    "Adafactor": [("rate", {"learning_rate": 0.1})],
}


def case(class_name, name, options):
    n = Numbers(f"{class_name} {name}")
    initial = [n.uniform((3, 2)), n.uniform((4,))]
    gradients = [[n.uniform((3, 2)), n.uniform((4,))] for _ in range(STEPS)]

    def compute(dtype):
        optimizer = Made(class_name, **options).build(NAMESPACES)
        variables = [keras.Variable(value, name=f"variable_{i}", dtype=dtype) for i, value in enumerate(initial)]
        values = []
        for step in gradients:
            optimizer.apply([keras.ops.convert_to_tensor(g, dtype) for g in step], variables)
            values.append([np.asarray(v.value) for v in variables])
        result = {
            "values": values,
            "iterations": int(optimizer.iterations),
            "learningRate": float(optimizer.learning_rate),
        }
        if options.get("use_ema"):
            optimizer.finalize_variable_values(variables)
            result["finalized"] = [np.asarray(v.value) for v in variables]
        return result

    results = in_both(compute, absolute=1e-5)
    values = results.pop("values")
    return {
        "name": name,
        "class": class_name,
        "options": weft_options(options),
        "initial": initial,
        "steps": [{"gradients": g, "values": v} for g, v in zip(gradients, values, strict=True)],
        **results,
        "iterations": int(results["iterations"]),
        "learningRate": np.float32(results["learningRate"]),
    }


for class_name, rows in TABLE.items():
    write("optimizers", class_name, [case(class_name, *row) for row in [("default", {}), *rows]])
