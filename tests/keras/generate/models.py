"""Whole models: three training steps, two epochs of fit with validation and a partial batch, evaluate, predict."""

from common import Made, Numbers, write
from model_case import layer, model_case

import numpy as np

n = Numbers("models")


def labels(count, classes):
    return n.integers((count,), 0, classes)


def one_hot(count, classes):
    return np.eye(classes, dtype="float32")[labels(count, classes)]


def tokens(count, length, vocabulary):
    """Token ids, padded with zeros behind."""
    ids = n.integers((count, length), 1, vocabulary)
    for row, used in zip(ids, n.integers((count,), 1, length + 1), strict=True):
        row[used:] = 0
    return ids


def mlp():
    spec = {
        "inputs": {"x": ((5,), "float32")},
        "layers": [
            layer("Dense", "hidden", units=8, activation="relu"),
            layer("Dense", "probabilities", units=3, activation="softmax"),
        ],
    }
    options = {"optimizer": "adam", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
    return model_case("mlp", spec, options, n.uniform((18, 5)), labels(18, 3), fit={"validation_split": 0.2})


def regression():
    spec = {
        "inputs": {"x": ((4,), "float32")},
        "layers": [
            layer("Dense", "hidden", units=6, activation="tanh", kernel_regularizer=Made("L2", l2=0.05)),
            layer("Dense", "value", units=1, bias_regularizer=Made("L1", l1=0.02)),
        ],
    }
    options = {
        "optimizer": Made("SGD", learning_rate=0.05, momentum=0.9, nesterov=True),
        "loss": "mean_squared_error",
        "metrics": ["mae", Made("RootMeanSquaredError"), Made("R2Score")],
    }
    return model_case(
        "regression", spec, options, n.uniform((15, 4)), n.uniform((15, 1)), fit={"validation_split": 0.25}
    )


def convnet():
    spec = {
        "inputs": {"image": ((7, 6, 2), "float32")},
        "layers": [
            layer("Conv2D", "conv", filters=4, kernel_size=3, padding="same", use_bias=False),
            layer("BatchNormalization", "normalization", momentum=0.8),
            layer("Activation", "relu", activation="relu"),
            layer("MaxPooling2D", "pooling"),
            layer("Conv2D", "conv_2", filters=3, kernel_size=2, activation="relu"),
            layer("Dropout", "dropout", rate=0.0),
            layer("Flatten", "flatten"),
            layer("Dense", "probabilities", units=3, activation="softmax"),
        ],
    }
    options = {
        "optimizer": Made("RMSprop", learning_rate=0.01),
        "loss": Made("CategoricalCrossentropy", label_smoothing=0.1),
        "metrics": ["accuracy", "categorical_crossentropy"],
    }
    return model_case(
        "convnet", spec, options, n.uniform((14, 7, 6, 2)), one_hot(14, 3), fit={"validation_split": 0.2}
    )


def two_by_two():
    spec = {
        "inputs": {"left": ((3,), "float32"), "right": ((4,), "float32")},
        "layers": [
            layer("Dense", "left_hidden", units=4, activation="relu"),
            layer("Dense", "right_hidden", units=4, activation="elu"),
            layer("Concatenate", "together"),
            layer("Dense", "kind", units=3, activation="softmax"),
            layer("Dense", "size", units=1),
        ],
        "nodes": [
            ("left_hidden", ["left"], "a"),
            ("right_hidden", ["right"], "b"),
            ("together", ["a", "b"], "c"),
            ("kind", ["c"], "kind"),
            ("size", ["c"], "size"),
        ],
        "outputs": ["kind", "size"],
    }
    options = {
        "optimizer": Made("Adam", learning_rate=0.02),
        "loss": ["sparse_categorical_crossentropy", "mse"],
        "loss_weights": [1.0, 0.3],
        "metrics": [["accuracy"], ["mae"]],
    }
    return model_case(
        "two inputs, two outputs", spec, options, [n.uniform((13, 3)), n.uniform((13, 4))],
        [labels(13, 3), n.uniform((13, 1))], fit={"validation_split": 0.25},
    )


def by_name():
    spec = {
        "inputs": {"left": ((3,), "float32"), "right": ((3,), "float32")},
        "layers": [
            layer("Dense", "shared", units=5, activation="tanh"),
            layer("Subtract", "difference"),
            layer("Dense", "same", units=1, activation="sigmoid"),
            layer("Dense", "gap", units=2),
        ],
        "nodes": [
            ("shared", ["left"], "a"),
            ("shared", ["right"], "b"),
            ("difference", ["a", "b"], "c"),
            ("same", ["c"], "same"),
            ("gap", ["c"], "gap"),
        ],
        "outputs": ["same", "gap"],
    }
    options = {
        "optimizer": Made("SGD", learning_rate=0.1),
        "loss": {"same": "binary_crossentropy", "gap": "huber"},
        "loss_weights": {"same": 0.5, "gap": 2.0},
        "metrics": {"same": ["accuracy"], "gap": ["mse"]},
    }
    return model_case(
        "shared layer, outputs by name", spec, options, {"left": n.uniform((11, 3)), "right": n.uniform((11, 3))},
        {"same": n.integers((11, 1), 0, 2).astype("float32"), "gap": n.uniform((11, 2))},
    )


def lstm_classifier():
    spec = {
        "inputs": {"tokens": ((6,), "int32")},
        "layers": [
            layer("Embedding", "embedding", input_dim=9, output_dim=4, mask_zero=True),
            layer("LSTM", "lstm", units=5),
            layer("Dense", "positive", units=1, activation="sigmoid"),
        ],
    }
    options = {
        "optimizer": Made("AdamW", learning_rate=0.01), "loss": "binary_crossentropy",
        "metrics": ["accuracy", Made("Precision"), Made("Recall")],
    }
    return model_case(
        "lstm classifier", spec, options, tokens(14, 6, 9), n.integers((14, 1), 0, 2).astype("float32"),
        fit={"validation_split": 0.2},
    )


def tagger():
    """The mask of the embedding reaches the loss and the metrics."""
    spec = {
        "inputs": {"tokens": ((5,), "int32")},
        "layers": [
            layer("Embedding", "embedding", input_dim=8, output_dim=3, mask_zero=True),
            layer("SimpleRNN", "rnn", units=4, return_sequences=True),
            layer("Dense", "tag", units=3),
        ],
    }
    options = {
        "optimizer": Made("Nadam", learning_rate=0.02),
        "loss": Made("SparseCategoricalCrossentropy", from_logits=True),
        "metrics": ["accuracy"],
    }
    return model_case("masked sequence tagger", spec, options, tokens(13, 5, 8), n.integers((13, 5), 0, 3))


def class_weights():
    spec = {
        "inputs": {"x": ((4,), "float32")},
        "layers": [layer("Dense", "hidden", units=5, activation="gelu"), layer("Dense", "logits", units=3)],
    }
    options = {
        "optimizer": Made("Adam", learning_rate=Made("ExponentialDecay", initial_learning_rate=0.1,
                                                     decay_steps=2, decay_rate=0.7)),
        "loss": Made("SparseCategoricalCrossentropy", from_logits=True),
        "metrics": ["accuracy"],
        "weighted_metrics": ["sparse_categorical_accuracy"],
    }
    return model_case(
        "class weights", spec, options, n.uniform((15, 4)), labels(15, 3), class_weight={0: 0.5, 1: 2.0, 2: 1.0}
    )


def sample_weights():
    spec = {
        "inputs": {"x": ((4,), "float32")},
        "layers": [
            layer("Dense", "hidden", units=5, activation="sigmoid", kernel_constraint=Made("MaxNorm", max_value=0.8)),
            layer("LayerNormalization", "normalization"),
            layer("Dense", "values", units=2),
        ],
    }
    options = {
        "optimizer": Made("Adagrad", learning_rate=0.1, clipnorm=0.5), "loss": "mae",
        "metrics": ["mse"], "weighted_metrics": ["mse"],
    }
    return model_case(
        "sample weights", spec, options, n.uniform((14, 4)), n.uniform((14, 2)),
        sample_weight=n.positive((14,), 0.1, 2.0), fit={"validation_split": 0.3},
    )


def frozen():
    spec = {
        "inputs": {"x": ((6, 2), "float32")},
        "layers": [
            layer("Conv1D", "conv", filters=3, kernel_size=3, padding="causal", activation="relu"),
            layer("Dense", "frozen", units=4, trainable=False),
            layer("GlobalAveragePooling1D", "pooling"),
            layer("Dense", "logit", units=1),
        ],
    }
    options = {
        "optimizer": Made("SGD", learning_rate=0.2, use_ema=True, ema_momentum=0.9),
        "loss": Made("BinaryCrossentropy", from_logits=True),
        "metrics": [Made("BinaryAccuracy", threshold=0.0), Made("AUC", from_logits=True)],
    }
    return model_case("frozen layer", spec, options, n.uniform((13, 6, 2)), n.integers((13, 1), 0, 2).astype("float32"))


write("models", "models", [
    mlp(), regression(), convnet(), two_by_two(), by_name(), lstm_classifier(), tagger(), class_weights(),
    sample_weights(), frozen(),
])
