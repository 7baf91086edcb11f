"""Builds one small model from a plain description and records how real Keras trains it."""

from common import Made, Numbers, option_value, weft_options

import keras
import numpy as np

NAMESPACES = [
    keras.layers, keras.regularizers, keras.initializers, keras.constraints,
    keras.optimizers, keras.optimizers.schedules, keras.losses, keras.metrics,
]


def layer(class_name, name, **options):
    return Made(class_name, name=name, **options)


def build(spec):
    """
    spec: inputs  {name: (shape, dtype)}
          layers  [layer, …]
          nodes   [(name of the layer, [names of its inputs], name of its output), …]; absent: a Sequential
          outputs [name, …]
    """
    made = {item.options["name"]: item.build(NAMESPACES) for item in spec["layers"]}
    inputs = {
        name: keras.Input(shape, dtype=dtype, name=name) for name, (shape, dtype) in spec["inputs"].items()
    }
    if "nodes" not in spec:
        return keras.Sequential([*inputs.values(), *made.values()], name="model")
    tensors = dict(inputs)
    for name, sources, output in spec["nodes"]:
        arguments = [tensors[source] for source in sources]
        tensors[output] = made[name](arguments if len(arguments) > 1 else arguments[0])
    outputs = [tensors[name] for name in spec["outputs"]]
    inputs = list(inputs.values())
    return keras.Model(
        inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0], name="model"
    )


def compiled(spec, options, initial):
    keras.utils.clear_session()  # else metrics that name themselves count on: precision_1
    model = build(spec)
    model.compile(**{key: made(value) for key, value in options.items()})
    if initial is not None:
        model.set_weights(initial)
    return model


def made(value):
    if isinstance(value, Made):
        return value.build(NAMESPACES)
    if isinstance(value, dict):
        return {key: made(item) for key, item in value.items()}
    if isinstance(value, list):
        return [made(item) for item in value]
    return value


def weights_of(model):
    return [{"path": v.path, "trainable": bool(v.trainable), "value": np.asarray(v.value)} for v in model.weights]


def floats(logs):
    return {key: np.float32(value) for key, value in logs.items()}


def rows(data, start, stop):
    if isinstance(data, dict):
        return {key: value[start:stop] for key, value in data.items()}
    if isinstance(data, list):
        return [value[start:stop] for value in data]
    return None if data is None else data[start:stop]


def model_case(name, spec, options, x, y, batch=4, fit=None, sample_weight=None, class_weight=None):
    numbers = Numbers(name)
    model = compiled(spec, options, None)
    initial = [
        numbers.positive(v.shape, 0.5, 1.5) if "variance" in v.name or v.name == "gamma"
        else numbers.uniform(v.shape, -0.5, 0.5)
        for v in model.weights
    ]
    model.set_weights(initial)
    first = weights_of(model)
    weighting = {"class_weight": class_weight} if class_weight else {}

    steps = []
    for step in range(3):
        start, stop = step * batch, (step + 1) * batch
        logs = model.train_on_batch(
            rows(x, start, stop), rows(y, start, stop), sample_weight=rows(sample_weight, start, stop),
            return_dict=True, **weighting,
        )
        steps.append(floats(logs))
    trained = weights_of(model)

    fitted = compiled(spec, options, initial)
    fit = {"epochs": 2, "batch_size": batch, "shuffle": False, **(fit or {})}
    history = fitted.fit(x, y, verbose=0, sample_weight=sample_weight, **weighting, **fit).history
    evaluated = fitted.evaluate(x, y, batch_size=batch, verbose=0, return_dict=True, sample_weight=sample_weight)
    predicted = fitted.predict(x, batch_size=batch, verbose=0)
    return {
        "name": name,
        "sequential": "nodes" not in spec,
        "model": {
            "inputs": [{"name": key, "shape": shape, "dtype": dtype} for key, (shape, dtype) in spec["inputs"].items()],
            "layers": [option_value(item) for item in spec["layers"]],
            "nodes": [
                {"layer": layer, "inputs": sources, "output": output}
                for layer, sources, output in spec.get("nodes", [])
            ],
            "outputs": spec.get("outputs", []),
        },
        "compile": weft_options(options),
        "x": x,
        "y": y,
        "sampleWeight": sample_weight,
        "classWeight": class_weight,
        "batchSize": batch,
        "weights": first,
        "trainOnBatch": steps,
        "weightsAfterSteps": trained,
        "fit": weft_options(fit),
        "history": {key: [np.float32(v) for v in values] for key, values in history.items()},
        "weightsAfterFit": weights_of(fitted),
        "evaluate": floats(evaluated),
        "predict": list(predicted) if isinstance(predicted, (list, tuple)) else [predicted],
    }
