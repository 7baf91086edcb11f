"""Targets and predictions for the metrics, by kind; shapes are (batch, classes)."""

import numpy as np


def probabilities(n, shape):
    raw = n.positive(shape, 0.05, 1.0)
    return (np.round(raw / raw.sum(-1, keepdims=True) * 1000) / 1000).astype("float32")


def one_hot(n, shape):
    return np.eye(shape[-1], dtype="float32")[n.integers(shape[:-1], 0, shape[-1])]


METRIC_DATA = {
    "values": lambda n, s: [n.uniform(s, -2.0, 2.0)],
    "vector": lambda n, s: [n.uniform(s[:1], -2.0, 2.0)],
    "scalar": lambda n, s: [n.uniform((), -2.0, 2.0)],
    "integers": lambda n, s: [n.integers(s, 0, 3), n.integers(s, 0, 3)],
    "classes": lambda n, s: [n.integers(s, 0, 3), n.integers(s, 0, 3)],
    "real": lambda n, s: [n.uniform(s, -2.0, 2.0), n.uniform(s, -2.0, 2.0)],
    "positive": lambda n, s: [n.positive(s, 0.1, 2.0), n.positive(s, 0.2, 2.0)],
    "sign": lambda n, s: [np.sign(n.uniform(s)).astype("float32"), n.uniform(s, -1.6, 1.6)],
    "binary": lambda n, s: [n.integers(s, 0, 2).astype("float32"), n.positive(s, 0.01, 0.99)],
    "binary logits": lambda n, s: [n.integers(s, 0, 2).astype("float32"), n.uniform(s, -4.0, 4.0)],
    "distribution": lambda n, s: [probabilities(n, s), probabilities(n, s)],
    "one hot": lambda n, s: [one_hot(n, s), probabilities(n, s)],
    "one hot 9": lambda n, s: [one_hot(n, (s[0], 9)), n.uniform((s[0], 9))],
    "one hot logits": lambda n, s: [one_hot(n, s), n.uniform(s, -3.0, 3.0)],
    "one hot sequence": lambda n, s: [one_hot(n, (s[0], 2, 3)), probabilities(n, (s[0], 2, 3))],
    "sparse": lambda n, s: [n.integers(s[:-1], 0, s[-1]), probabilities(n, s)],
    "sparse column": lambda n, s: [n.integers((s[0], 1), 0, s[-1]), probabilities(n, s)],
    "sparse 9": lambda n, s: [n.integers(s[:-1], 0, 9), n.uniform((s[0], 9))],
    "sparse logits": lambda n, s: [n.integers(s[:-1], 0, s[-1]), n.uniform(s, -3.0, 3.0)],
}
