"""Runs one layer configuration in real Keras and records all that a port can get wrong.

Results are computed in float64 and rounded to float32, after a check that the float32 run agrees:
then a deviation measured against them is that of the tested engine alone.
"""

import common
from common import Made, Numbers, build_options, camel, precision, rounded, weft_options

import jax
import numpy as np

import keras  # noqa: E402
from jax import numpy as jnp  # noqa: E402

NAMESPACES = [keras.layers, keras.regularizers, keras.initializers, keras.constraints]


def layer_case(
    name,
    class_name,
    options,
    inputs,
    weights=None,
    call=None,
    calls=1,
    weight_range=(-0.6, 0.6),
    gradients=True,
    relative=1e-4,
):
    """
    inputs   one array, or a list of arrays passed as a list (merging layers)
    weights  arrays in the order of `layer.weights`; drawn at random when absent
    call     keyword arguments of the call: training, mask, initial_state
    calls    how often the layer is called (stateful layers); every output is recorded
    """
    arguments = (class_name, options, inputs, weights, call or {}, calls, weight_range, gradients, name)
    exact, single = run("float64", *arguments), run("float32", *arguments)
    assert exact.keys() == single.keys()
    assert all(y.dtype != np.float32 for y in exact.get("outputs", [])), f"{name}: not computed in float64"
    case = {"name": name, "class": class_name, "options": weft_options(options)}
    as_list = isinstance(inputs, list)
    case["inputs"] = inputs if as_list else [inputs]
    case["inputsAsList"] = as_list
    if call:
        case["call"] = {camel(key): value for key, value in call.items()}
    for key, value in exact.items():
        case[key] = merge(value, single[key], f"{class_name} {name}: {key}", relative)
    return case


def merge(exact, single, what, relative):
    if isinstance(exact, dict):
        return {key: merge(value, single[key], what, relative) for key, value in exact.items()}
    if isinstance(exact, list):
        return [merge(a, b, what, relative) for a, b in zip(exact, single, strict=True)]
    if isinstance(exact, np.ndarray):
        return rounded(exact, single, what, relative)
    return exact


def run(dtype, class_name, options, inputs, weights, call, calls, weight_range, gradients, name):
    numbers = Numbers(f"{class_name} {name}")
    as_list = isinstance(inputs, list)
    arrays = [in_precision(x, dtype) for x in (inputs if as_list else [inputs])]
    with precision(dtype), jax.enable_x64(dtype == "float64"):
        layer = Made(class_name, **options).build(NAMESPACES)
        shapes = [x.shape for x in arrays]
        layer.build(shapes if as_list else shapes[0])
        variables = layer.weights
        values = weights if weights is not None else [
            draw(numbers, variable, weight_range) for variable in variables
        ]
        layer.set_weights(values)
        result = {
            "outputShape": output_shapes(layer, shapes, as_list, options),
            "weights": [
                {"name": v.name, "trainable": bool(v.trainable), **encoded(x)}
                for v, x in zip(variables, values, strict=True)
            ],
        }
        trainable = [v.value for v in layer.trainable_variables]
        non_trainable = [v.value for v in layer.non_trainable_variables]
        states = [in_precision(s, dtype) for s in call.get("initial_state", [])]
        others = {key: value for key, value in call.items() if key != "initial_state"}
        if "mask" in others:
            others["mask"] = jnp.asarray(others["mask"])

        def forward(trainable, floats, states):
            merged = restore(arrays, floats)
            keywords = {**others, **({"initial_state": states} if states else {})}
            argument = merged if as_list else merged[0]
            outputs, updated = layer.stateless_call(trainable, non_trainable, argument, **keywords)
            return flat(outputs), updated

        floats = [x for x in arrays if x.dtype.kind == "f"]
        if calls > 1:
            result["calls"] = [
                [np.asarray(y) for y in flat(layer(jnp.asarray(arrays[0]), **others))] for _ in range(calls)
            ]
            return result
        outputs, updated = forward(trainable, floats, states)
        result["outputs"] = [np.asarray(y) for y in outputs]
        before = {v.path: np.asarray(v.value) for v in layer.non_trainable_variables}
        changed = {
            v.path: np.asarray(u)
            for v, u in zip(layer.non_trainable_variables, updated, strict=True)
            if not np.array_equal(before[v.path], np.asarray(u)) and "seed" not in v.path
        }
        if changed:
            result["updatedWeights"] = [
                {"index": index, **as_dict(changed[v.path])}
                for index, v in enumerate(variables)
                if v.path in changed
            ]
        mask = computed_mask(layer, arrays, as_list, call)
        if mask is not None:
            result["outputMask"] = mask
        if gradients and all(np.asarray(y).dtype.kind == "f" for y in outputs):
            cotangents = [numbers.uniform(y.shape) for y in outputs]

            def scalar(trainable, floats, states):
                ys, _ = forward(trainable, floats, states)
                return sum(jnp.sum(y * in_precision(c, dtype)) for y, c in zip(ys, cotangents, strict=True))

            by_weight, by_input, by_state = jax.grad(scalar, argnums=(0, 1, 2))(trainable, floats, states)
            by_input = iter(by_input)
            result["cotangents"] = cotangents
            result["gradients"] = {
                "inputs": [np.asarray(next(by_input)) if x.dtype.kind == "f" else None for x in arrays],
                "weights": [np.asarray(g) for g in by_weight],
            }
            if states:
                result["gradients"]["initialState"] = [np.asarray(g) for g in by_state]
        return result


def draw(numbers, variable, weight_range):
    if "variance" in variable.name or variable.name == "gamma":
        return numbers.positive(variable.shape, 0.4, 1.6)
    return numbers.uniform(variable.shape, *weight_range)


def encoded(array):
    return as_dict(np.asarray(array, "float32"))


def as_dict(array):
    return {"value": array}


def in_precision(array, dtype):
    array = np.asarray(array)
    return array.astype(dtype) if array.dtype.kind == "f" else array


def restore(arrays, floats):
    floats = iter(floats)
    return [next(floats) if x.dtype.kind == "f" else jnp.asarray(x) for x in arrays]


def flat(outputs):
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def output_shapes(layer, shapes, as_list, options):
    """Output shape for an unknown batch size, asked of a fresh symbolic call."""
    symbolic = [keras.KerasTensor((None, *shape[1:])) for shape in shapes]
    outputs = layer.compute_output_spec(symbolic if as_list else symbolic[0])
    return [list(spec.shape) for spec in flat(outputs)]


def computed_mask(layer, arrays, as_list, call):
    if not layer.supports_masking and type(layer).__name__ != "Embedding":
        return None
    if call.get("mask") is None and type(layer).__name__ not in ("Embedding", "Masking"):
        return None
    argument = [jnp.asarray(x) for x in arrays] if as_list else jnp.asarray(arrays[0])
    mask = layer.compute_mask(argument, call.get("mask"))
    if mask is None or isinstance(mask, (list, tuple)):
        return None
    return np.asarray(mask)
