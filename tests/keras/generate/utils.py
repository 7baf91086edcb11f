"""toCategorical, normalize and padSequences."""

from common import Numbers, weft_options, write

import keras
import numpy as np

SEQUENCES = [[1, 2, 3], [4], [5, 6, 7, 8, 9], []]


def to_categorical(labels, **options):
    labels = np.array(labels, "int32")
    return {"function": "toCategorical", "args": [labels], "options": weft_options(options),
            "value": np.asarray(keras.utils.to_categorical(labels, **options), "float32")}


def normalize(shape, **options):
    x = Numbers(f"normalize {shape}{options}").uniform(shape)
    return {"function": "normalize", "args": [x], "options": weft_options(options),
            "value": np.asarray(keras.utils.normalize(x, **options), "float32")}


def pad_sequences(sequences=SEQUENCES, **options):
    return {"function": "padSequences", "args": [sequences], "options": weft_options(options),
            "value": np.asarray(keras.utils.pad_sequences(sequences, **options))}


write("utils", "utils", [
    to_categorical([0, 2, 1, 2]),
    to_categorical([0, 2, 1, 2], num_classes=5),
    to_categorical([[0, 1], [1, 0]], num_classes=2),
    to_categorical([[3], [0]]),
    normalize((3, 4)),
    normalize((2, 3, 2), axis=1, order=1),
    pad_sequences(),
    pad_sequences(maxlen=3),
    pad_sequences(maxlen=4, padding="post"),
    pad_sequences(maxlen=2, truncating="post"),
    pad_sequences(maxlen=3, padding="post", truncating="post", value=-1),
    pad_sequences([[0.5, 1.5], [2.5]], dtype="float32"),
])
