"""Every metric class of Keras: the result after each of several updates, with and without sample weights."""

from common import Numbers, weft_options, write

import keras
import numpy as np

from metric_data import METRIC_DATA


def metric_case(name, class_name, options, updates):
    keras.utils.clear_session()  # else names count on: auc_1
    metric = getattr(keras.metrics, class_name)(**options)
    results = []
    for update in updates:
        metric.update_state(*update["args"], sample_weight=update["sampleWeight"])
        results.append(np.asarray(metric.result(), "float32"))
    metric.reset_state()
    metric.update_state(*updates[0]["args"], sample_weight=updates[0]["sampleWeight"])
    return {
        "name": name,
        "class": class_name,
        "options": weft_options(options),
        "logName": metric.name,
        "updates": updates,
        "results": results,
        "afterReset": np.asarray(metric.result(), "float32"),
    }


def updates(n, kind, shapes, weights):
    """One update for each shape; `weights` gives the shape of its sample weights, or None."""
    return [
        {
            "args": METRIC_DATA[kind](n, shape),
            "sampleWeight": None if weight is None else n.positive(weight, 0.0, 2.0),
        }
        for shape, weight in zip(shapes, weights, strict=True)
    ]


def cases(class_name, rows):
    n = Numbers(class_name)
    result = []
    for name, options, kind in rows:
        result.append(metric_case(name, class_name, options, updates(n, kind, [(4, 3), (2, 3), (5, 3)], [None] * 3)))
        shapes = [(4, 3), (3, 3), (2, 3)]
        if "IoU" in class_name:
            weighted = whole_weights(n, updates(n, kind, shapes, [None] * 3), kind)
        else:
            weighted = updates(n, kind, shapes, [(4,), None, (2,)])
        if class_name not in UNWEIGHTED and kind != "scalar":
            result.append(metric_case(f"{name}, weighted", class_name, options, weighted))
    return result


def whole_weights(n, unweighted, kind):
    """The intersection metrics count in integers and want one weight for each label."""
    for update in unweighted[::2]:
        shape = update["args"][0].shape
        labels = shape[:1] if kind in ("one hot", "sparse") else shape
        update["sampleWeight"] = n.integers(labels, 0, 3).astype("float32")
    return unweighted


UNWEIGHTED = {"ConcordanceCorrelation", "PearsonCorrelation"}
PLAIN = "plain"
LOGITS = {"from_logits": True}
CONFUSION = [
    (PLAIN, {}, "binary"),
    ("threshold", {"thresholds": 0.3}, "binary"),
    ("several thresholds", {"thresholds": [0.2, 0.5, 0.8]}, "binary"),
]
PRECISION = [
    *CONFUSION,
    ("top 2", {"top_k": 2}, "one hot"),
    ("class id", {"class_id": 1}, "one hot"),
    ("class id, top 2", {"class_id": 0, "top_k": 2}, "one hot"),
]


def at(option, *values):
    rows = [(f"{option} {value}", {option: value}, "binary") for value in values]
    return [*rows, ("10 thresholds", {option: values[0], "num_thresholds": 10}, "binary")]


def f_score(*more):
    return [
        (PLAIN, {}, "one hot"),
        ("micro", {"average": "micro"}, "one hot"),
        ("macro", {"average": "macro"}, "one hot"),
        ("weighted average", {"average": "weighted"}, "one hot"),
        ("threshold", {"threshold": 0.5}, "binary"),
        *more,
    ]


TABLE = {
    "Mean": [(PLAIN, {}, "values"), ("scalar", {}, "scalar"), ("vector", {}, "vector")],
    "Sum": [(PLAIN, {}, "values"), ("scalar", {}, "scalar"), ("vector", {}, "vector")],
    "Accuracy": [(PLAIN, {}, "integers")],
    "BinaryAccuracy": [(PLAIN, {}, "binary"), ("threshold", {"threshold": 0.7}, "binary")],
    "CategoricalAccuracy": [(PLAIN, {}, "one hot"), ("rank 3", {}, "one hot sequence")],
    "SparseCategoricalAccuracy": [(PLAIN, {}, "sparse"), ("column", {}, "sparse column")],
    "TopKCategoricalAccuracy": [("k 2", {"k": 2}, "one hot"), ("default", {}, "one hot 9")],
    "SparseTopKCategoricalAccuracy": [("k 2", {"k": 2}, "sparse"), ("default", {}, "sparse 9")],
    "BinaryCrossentropy": [
        (PLAIN, {}, "binary"), ("logits", LOGITS, "binary logits"), ("smoothing", {"label_smoothing": 0.1}, "binary"),
    ],
    "CategoricalCrossentropy": [
        (PLAIN, {}, "one hot"),
        ("logits", LOGITS, "one hot logits"),
        ("smoothing", {"label_smoothing": 0.1}, "one hot"),
    ],
    "SparseCategoricalCrossentropy": [
        (PLAIN, {}, "sparse"), ("logits", LOGITS, "sparse logits"), ("ignore class", {"ignore_class": 1}, "sparse"),
    ],
    "KLDivergence": [(PLAIN, {}, "distribution")],
    "Poisson": [(PLAIN, {}, "positive")],
    "MeanSquaredError": [(PLAIN, {}, "real")],
    "RootMeanSquaredError": [(PLAIN, {}, "real")],
    "MeanAbsoluteError": [(PLAIN, {}, "real")],
    "MeanAbsolutePercentageError": [(PLAIN, {}, "positive")],
    "MeanSquaredLogarithmicError": [(PLAIN, {}, "positive")],
    "LogCoshError": [(PLAIN, {}, "real")],
    "CosineSimilarity": [(PLAIN, {}, "real"), ("axis 1", {"axis": 1}, "real")],
    "R2Score": [
        (PLAIN, {}, "real"),
        ("by column", {"class_aggregation": None}, "real"),
        ("variance weighted", {"class_aggregation": "variance_weighted_average"}, "real"),
        ("regressors", {"num_regressors": 1}, "real"),
    ],
    "ConcordanceCorrelation": [(PLAIN, {}, "real")],
    "PearsonCorrelation": [(PLAIN, {}, "real")],
    "Hinge": [(PLAIN, {}, "sign"), ("zero and one", {}, "binary")],
    "SquaredHinge": [(PLAIN, {}, "sign")],
    "CategoricalHinge": [(PLAIN, {}, "one hot")],
    "AUC": [
        (PLAIN, {}, "binary"),
        ("precision recall", {"curve": "PR"}, "binary"),
        ("precision gain", {"curve": "PRGAIN"}, "binary"),
        ("minoring", {"summation_method": "minoring", "num_thresholds": 20}, "binary"),
        ("majoring", {"summation_method": "majoring", "num_thresholds": 20}, "binary"),
        ("thresholds", {"thresholds": [0.2, 0.4, 0.7]}, "binary"),
        ("logits", LOGITS, "binary logits"),
        ("multi label", {"multi_label": True}, "binary"),
    ],
    "TruePositives": CONFUSION,
    "TrueNegatives": CONFUSION,
    "FalsePositives": CONFUSION,
    "FalseNegatives": CONFUSION,
    "Precision": PRECISION,
    "Recall": PRECISION,
    "SensitivityAtSpecificity": at("specificity", 0.5, 0.8),
    "SpecificityAtSensitivity": at("sensitivity", 0.5, 0.8),
    "PrecisionAtRecall": at("recall", 0.5, 0.8),
    "RecallAtPrecision": at("precision", 0.5, 0.8),
    "F1Score": f_score(),
    "FBetaScore": f_score(
        ("beta 2", {"beta": 2.0}, "one hot"),
        ("beta 0.5, macro", {"beta": 0.5, "average": "macro"}, "one hot"),
    ),
    "BinaryIoU": [
        (PLAIN, {}, "binary"), ("threshold, one class", {"threshold": 0.3, "target_class_ids": [1]}, "binary"),
    ],
    "IoU": [
        (PLAIN, {"num_classes": 3, "target_class_ids": [0, 2]}, "classes"),
        ("ignore class", {"num_classes": 3, "target_class_ids": [0, 1], "ignore_class": 2}, "classes"),
        (
            "dense",
            {"num_classes": 3, "target_class_ids": [1], "sparse_y_true": False, "sparse_y_pred": False},
            "one hot",
        ),
    ],
    "MeanIoU": [
        (PLAIN, {"num_classes": 3}, "classes"),
        ("dense prediction", {"num_classes": 3, "sparse_y_pred": False}, "sparse"),
    ],
    "OneHotIoU": [(PLAIN, {"num_classes": 3, "target_class_ids": [0, 2]}, "one hot")],
    "OneHotMeanIoU": [(PLAIN, {"num_classes": 3}, "one hot")],
}

if __name__ == "__main__":
    for class_name, rows in TABLE.items():
        write("metrics", class_name, cases(class_name, rows))
