"""Every loss class of Keras but CTC: value, gradient with respect to the prediction, the per-sample function."""

from common import Numbers, camel, in_both, weft_options, write

import jax
import keras
import numpy as np
from jax import numpy as jnp

FUNCTIONS = {
    "KLDivergence": "kl_divergence",
    "CategoricalGeneralizedCrossEntropy": "categorical_generalized_cross_entropy",
}

# The function has no default where the class has one.
REQUIRED = {"CategoricalGeneralizedCrossEntropy": {"q": 0.5}}


def snake(class_name):
    text = "".join(f"_{c.lower()}" if c.isupper() else c for c in class_name)
    return FUNCTIONS.get(class_name, text.lstrip("_"))


def loss_case(name, class_name, options, y_true, y_pred, weight=None):
    def compute(dtype):
        def cast(x):
            return None if x is None else x.astype(dtype) if x.dtype.kind == "f" else x

        loss = getattr(keras.losses, class_name)(**options)
        target, prediction = cast(y_true), jnp.asarray(cast(y_pred))
        value = loss(target, prediction, sample_weight=cast(weight))
        gradient = jax.grad(lambda p: jnp.sum(loss(target, p, sample_weight=cast(weight))))(prediction)
        result = {"value": value, "gradient": gradient}
        if weight is None and "reduction" not in options:
            function = getattr(keras.losses, snake(class_name))
            result["perSample"] = function(target, prediction, **{**REQUIRED.get(class_name, {}), **options})
        return result

    return {
        "name": name,
        "class": class_name,
        "function": camel(snake(class_name)),
        "options": weft_options(options),
        "yTrue": y_true,
        "yPred": y_pred,
        "sampleWeight": weight,
        **in_both(compute),
    }


def probabilities(n, shape):
    raw = n.positive(shape, 0.2, 1.0)
    return (np.round(raw / raw.sum(-1, keepdims=True) * 1000) / 1000).astype("float32")


def one_hot(n, shape, classes):
    return np.eye(classes, dtype="float32")[n.integers(shape, 0, classes)]


def data(kind, shape, n):
    """Targets and predictions that make sense for this kind of loss; `shape` is that of the prediction."""
    if kind == "real":
        return n.uniform(shape, -2.0, 2.0), n.uniform(shape, -2.0, 2.0)
    if kind == "positive":
        return n.positive(shape, 0.1, 2.0), n.positive(shape, 0.2, 2.0)
    if kind == "sign":
        return np.sign(n.uniform(shape)).astype("float32"), n.uniform(shape, -1.6, 1.6)
    if kind == "binary":
        return n.integers(shape, 0, 2).astype("float32"), n.positive(shape, 0.05, 0.95)
    if kind == "binary logits":
        return n.integers(shape, 0, 2).astype("float32"), n.uniform(shape, -4.0, 4.0)
    if kind == "distribution":
        return probabilities(n, shape), probabilities(n, shape)
    if kind == "one hot":
        return one_hot(n, shape[:-1], shape[-1]), probabilities(n, shape)
    if kind == "one hot logits":
        return one_hot(n, shape[:-1], shape[-1]), n.uniform(shape, -3.0, 3.0)
    if kind == "sparse":
        return n.integers(shape[:-1], 0, shape[-1]), probabilities(n, shape)
    if kind == "sparse logits":
        return n.integers(shape[:-1], 0, shape[-1]), n.uniform(shape, -3.0, 3.0)
    if kind == "labels":
        y = n.uniform(shape)
        return n.integers(shape[:1], 0, 2), (y / np.linalg.norm(y, axis=-1, keepdims=True)).astype("float32")
    raise ValueError(kind)


def cases(class_name, kind, extra):
    """The common configurations, then `extra`: (name, options, kind of data, shape)."""
    n = Numbers(class_name)
    result = []

    def add(name, options, kind, shape, weighted=None):
        y_true, y_pred = data(kind, shape, n)
        weight = None if weighted is None else n.positive(weighted, 0.0, 2.0)
        result.append(loss_case(name, class_name, options, y_true, y_pred, weight))

    add("plain", {}, kind, (4, 5))
    add("one sample", {}, kind, (1, 3) if kind != "labels" else (3, 3))
    if kind != "labels":
        add("sample weight", {}, kind, (4, 3), weighted=(4,))
        add("rank 3", {}, kind, (2, 3, 4))
    if class_name not in ("Dice", "Tversky", "Circle"):
        add("rank 3, weight by step", {}, kind, (2, 3, 4), weighted=(2, 3))
        add("weight column", {}, kind, (3, 4), weighted=(3, 1))
    for reduction in ["sum", "mean", "none", "mean_with_sample_weight"]:
        add(f"reduction {reduction}", {"reduction": reduction}, kind, (3, 4))
        if kind != "labels" and class_name not in ("Dice", "Tversky"):
            add(f"reduction {reduction}, weighted", {"reduction": reduction}, kind, (3, 4), weighted=(3,))
    for name, options, other_kind, shape in extra:
        add(name, options, other_kind, shape)
    return result


def saturated(class_name, y_true, y_pred, **options):
    return loss_case("saturated", class_name, options, np.float32(y_true), np.float32(y_pred))


SMOOTH = ("label smoothing", {"label_smoothing": 0.1})
LOGITS = {"from_logits": True}
TABLE = {
    "MeanSquaredError": ("real", []),
    "MeanAbsoluteError": ("real", []),
    "MeanAbsolutePercentageError": ("real", []),
    "MeanSquaredLogarithmicError": ("positive", [("below zero", {}, "real", (3, 4))]),
    "CosineSimilarity": ("real", [("axis 0", {"axis": 0}, "real", (3, 4)), ("axis 1", {"axis": 1}, "real", (2, 3, 4))]),
    "Huber": ("real", [("delta 0.5", {"delta": 0.5}, "real", (3, 4)), ("delta 2", {"delta": 2.0}, "real", (2, 6))]),
    "LogCosh": ("real", []),
    "Hinge": ("sign", [("zero and one", {}, "binary", (3, 4))]),
    "SquaredHinge": ("sign", [("zero and one", {}, "binary", (3, 4))]),
    "CategoricalHinge": ("one hot", []),
    "KLDivergence": ("distribution", []),
    "Poisson": ("positive", []),
    "BinaryCrossentropy": ("binary", [
        ("logits", LOGITS, "binary logits", (3, 4)),
        (*SMOOTH, "binary", (3, 4)),
        ("logits, label smoothing", {**LOGITS, "label_smoothing": 0.2}, "binary logits", (4, 2)),
        ("one unit", {}, "binary", (5, 1)),
    ]),
    "BinaryFocalCrossentropy": ("binary", [
        ("logits", LOGITS, "binary logits", (3, 4)),
        ("class balancing", {"apply_class_balancing": True, "alpha": 0.4}, "binary", (3, 4)),
        ("gamma 3", {"gamma": 3.0}, "binary", (3, 4)),
        (*SMOOTH, "binary", (3, 4)),
    ]),
    "CategoricalCrossentropy": ("one hot", [
        ("logits", LOGITS, "one hot logits", (3, 4)),
        (*SMOOTH, "one hot", (3, 4)),
        ("logits, label smoothing", {**LOGITS, "label_smoothing": 0.2}, "one hot logits", (3, 5)),
        ("soft targets", {}, "distribution", (3, 4)),
        ("axis 1", {**LOGITS, "axis": 1}, "real", (2, 3, 4)),
    ]),
    "CategoricalFocalCrossentropy": ("one hot", [
        ("logits", LOGITS, "one hot logits", (3, 4)),
        ("alpha and gamma", {"alpha": 0.5, "gamma": 1.0}, "one hot", (3, 4)),
        (*SMOOTH, "one hot", (3, 4)),
    ]),
    "CategoricalGeneralizedCrossEntropy": ("sparse", [("q 0.7", {"q": 0.7}, "sparse", (3, 4))]),
    "SparseCategoricalCrossentropy": ("sparse", [
        ("logits", LOGITS, "sparse logits", (3, 4)),
        ("ignore class", {"ignore_class": 1}, "sparse", (8, 3)),
        ("logits, ignore class", {**LOGITS, "ignore_class": 0}, "sparse logits", (2, 4, 3)),
    ]),
    "Dice": ("binary", [("axis", {"axis": (1, 2)}, "binary", (2, 3, 4))]),
    "Tversky": ("binary", [
        ("alpha and beta", {"alpha": 0.2, "beta": 0.8}, "binary", (3, 4)),
        ("axis", {"axis": (1, 2)}, "binary", (2, 3, 4)),
    ]),
    "Circle": ("labels", [("gamma and margin", {"gamma": 10.0, "margin": 0.25}, "labels", (6, 3))]),
}
SATURATED = {
    "BinaryCrossentropy": ([[0, 1, 1, 0]], [[1, 0, 1, 0]]),
    "CategoricalCrossentropy": ([[0, 1, 0], [1, 0, 0]], [[1, 0, 0], [1, 0, 0]]),
    "BinaryFocalCrossentropy": ([[0, 1, 1, 0]], [[1, 0, 1, 0]]),
    "KLDivergence": ([[0, 1, 0], [1, 0, 0]], [[1, 0, 0], [1, 0, 0]]),
    "MeanAbsolutePercentageError": ([[0, 1]], [[0.5, 2]]),
    "LogCosh": ([[0, 0]], [[30, -90]]),
    "Poisson": ([[1, 0]], [[0, 0.5]]),
}

for class_name, (kind, extra) in TABLE.items():
    result = cases(class_name, kind, extra)
    if class_name in SATURATED:
        result.append(saturated(class_name, *SATURATED[class_name]))
    write("losses", class_name, result)
