"""What the callbacks decide, given the logs of each epoch (or batch)."""

import contextlib
import io

from common import weft_options, write

import keras
import numpy as np

RATE = 0.5


def model():
    result = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    result.compile(keras.optimizers.SGD(RATE), "mse", metrics=["accuracy"])
    result.train_on_batch(np.zeros((1, 2)), np.zeros((1, 1)))
    return result


def run_epochs(callback, epochs):
    """The state after every epoch; the weights are the number of the epoch, to see which are restored."""
    trained = model()
    callback.set_model(trained)
    states, output = [], io.StringIO()
    with contextlib.redirect_stdout(output):
        callback.on_train_begin()
        for epoch, logs in enumerate(epochs):
            callback.on_epoch_begin(epoch, {})
            trained.set_weights([np.full((2, 1), epoch, "float32")])
            logs = dict(logs)
            callback.on_epoch_end(epoch, logs)
            states.append({
                "stopTraining": bool(trained.stop_training),
                "learningRate": np.float32(trained.optimizer.learning_rate),
                "logs": logs,
            })
            if trained.stop_training:
                break
        callback.on_train_end({})
    return {"states": states, "weightsOfEpoch": int(trained.get_weights()[0][0, 0]), "printed": output.getvalue()}


def case(class_name, options, epochs):
    callback = getattr(keras.callbacks, class_name)(**options)
    return {
        "class": class_name, "options": weft_options(options), "initialLearningRate": RATE,
        "epochs": epochs, **run_epochs(callback, epochs),
    }


def losses(*values, name="val_loss"):
    return [{"loss": 1.0, name: value} for value in values]


FALLING = losses(1.0, 0.8, 0.7, 0.65, 0.64, 0.63)
BUMPY = losses(1.0, 0.8, 0.9, 0.85, 0.7, 0.75, 0.76, 0.77, 0.6)
RISING = losses(0.5, 0.6, 0.55, 0.7, 0.65, 0.7, name="val_accuracy")

EARLY = [
    ({}, FALLING),
    ({}, BUMPY),
    ({"patience": 2}, BUMPY),
    ({"patience": 3, "restore_best_weights": True, "verbose": 1}, BUMPY),
    ({"patience": 1, "min_delta": 0.05}, FALLING),
    ({"patience": 2, "baseline": 0.75}, BUMPY),
    ({"patience": 1, "start_from_epoch": 3, "restore_best_weights": True}, BUMPY),
    ({"monitor": "val_accuracy", "mode": "max", "patience": 1}, RISING),
    ({"monitor": "val_accuracy", "patience": 2, "restore_best_weights": True}, RISING),
    ({"patience": 1}, losses(1.0, float("nan"), float("nan"), 0.5)),
    ({"patience": 0, "restore_best_weights": True}, losses(0.5, 0.5)),
]
PLATEAU = [
    ({}, BUMPY),
    ({"patience": 1}, BUMPY),
    ({"patience": 1, "factor": 0.5, "verbose": 1}, BUMPY),
    ({"patience": 2, "factor": 0.3, "cooldown": 2}, losses(*[1.0] * 10)),
    ({"patience": 1, "factor": 0.1, "min_lr": 0.02}, losses(*[1.0] * 6)),
    ({"patience": 2, "factor": 0.5, "min_delta": 0.08}, FALLING),
    ({"monitor": "val_accuracy", "mode": "max", "patience": 1, "factor": 0.2}, RISING),
    ({"monitor": "loss", "patience": 2, "factor": 0.25}, BUMPY),
]


def schedules():
    """The functions are named here and written out again in the test."""
    functions = {
        "halve after two": lambda epoch, rate: rate if epoch < 2 else rate * 0.5,
        "by epoch": lambda epoch: 0.1 / (epoch + 1),
    }
    for name, function in functions.items():
        result = case("LearningRateScheduler", {"schedule": function, "verbose": 1}, [{"loss": 1.0}] * 4)
        yield {**result, "options": {"verbose": 1}, "schedule": name}


def terminations():
    for values in [[1.0, 0.5], [1.0, float("nan"), 0.5], [float("inf"), 1.0], [0.0, -1.0]]:
        callback, trained, stops = keras.callbacks.TerminateOnNaN(), model(), []
        callback.set_model(trained)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            for batch, value in enumerate(values):
                callback.on_batch_end(batch, {"loss": value})
                stops.append(bool(trained.stop_training))
        yield {"class": "TerminateOnNaN", "options": {}, "losses": values, "stops": stops,
               "printed": output.getvalue()}


write("callbacks", "EarlyStopping", [case("EarlyStopping", *row) for row in EARLY])
write("callbacks", "ReduceLROnPlateau", [case("ReduceLROnPlateau", *row) for row in PLATEAU])
write("callbacks", "LearningRateScheduler", list(schedules()))
write("callbacks", "TerminateOnNaN", list(terminations()))
