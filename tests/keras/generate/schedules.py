"""The six learning-rate schedules, at steps before, on and after every boundary."""

from common import weft_options, write

import keras
import numpy as np

STEPS = [0, 1, 2, 3, 5, 7, 9, 10, 11, 15, 19, 20, 21, 29, 30, 31, 50, 70, 99, 100, 101, 250, 1000]
TABLE = {
    "ExponentialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
        {"initial_learning_rate": 0.5, "decay_steps": 10, "decay_rate": 0.5, "staircase": True},
    ],
    "PiecewiseConstantDecay": [
        {"boundaries": [10, 30], "values": [1.0, 0.5, 0.1]},
        {"boundaries": [7], "values": [0.25, 0.125]},
    ],
    "PolynomialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 30},
        {"initial_learning_rate": 0.2, "decay_steps": 20, "end_learning_rate": 0.01, "power": 0.5},
        {"initial_learning_rate": 0.2, "decay_steps": 20, "power": 2.0, "cycle": True},
    ],
    "InverseTimeDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "staircase": True},
    ],
    "CosineDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 100},
        {"initial_learning_rate": 0.1, "decay_steps": 30, "alpha": 0.2},
        {"initial_learning_rate": 0.01, "decay_steps": 50, "alpha": 0.1, "warmup_target": 0.2, "warmup_steps": 20},
    ],
    "CosineDecayRestarts": [
        {"initial_learning_rate": 0.1, "first_decay_steps": 10},
        {"initial_learning_rate": 0.1, "first_decay_steps": 10, "t_mul": 1.0, "m_mul": 0.8, "alpha": 0.1},
        {"initial_learning_rate": 0.3, "first_decay_steps": 7, "t_mul": 3.0, "m_mul": 0.5},
    ],
}


def case(class_name, options):
    schedule = getattr(keras.optimizers.schedules, class_name)(**options)
    return {
        "class": class_name,
        "options": weft_options(options),
        "steps": STEPS,
        "values": np.array([float(schedule(step)) for step in STEPS], "float32"),
    }


write("schedules", "schedules", [case(name, options) for name, rows in TABLE.items() for options in rows])
