"""What Keras prints, byte for byte: summaries (plain and in colours) and progress bars."""

import contextlib
import functools
import io
import os
import sys

os.environ["COLUMNS"] = "130"

from common import Made, camel, option_value, weft_options, write  # noqa: E402
from model_case import NAMESPACES, build, layer  # noqa: E402

import keras  # noqa: E402
import rich.console  # noqa: E402
from keras.src.utils import progbar  # noqa: E402

SEQUENTIAL = {
    "inputs": {"image": ((28, 28, 1), "float32")},
    "layers": [
        layer("Conv2D", "conv2d", filters=16, kernel_size=3, activation="relu"),
        layer("MaxPooling2D", "max_pooling2d"),
        layer("BatchNormalization", "batch_normalization"),
        layer("Flatten", "flatten"),
        layer("Dropout", "dropout", rate=0.5),
        layer("Dense", "dense", units=10, activation="softmax"),
    ],
}
UNBUILT = {"inputs": {}, "layers": [layer("Dense", "dense", units=4), layer("Dropout", "dropout", rate=0.1)]}
BRANCHING = {
    "inputs": {"left": ((4,), "float32"), "an_input_with_a_rather_long_name": ((5,), "float32")},
    "layers": [
        layer("Dense", "shared", units=8),
        layer("Dense", "narrow", units=4, trainable=False),
        layer("Concatenate", "together"),
        layer("Dense", "out", units=2),
        layer("Dense", "second", units=1, use_bias=False),
    ],
    "nodes": [
        ("narrow", ["an_input_with_a_rather_long_name"], "n"),
        ("shared", ["left"], "a"),
        ("shared", ["n"], "b"),
        ("together", ["a", "b"], "c"),
        ("out", ["c"], "out"),
        ("second", ["c"], "second"),
    ],
    "outputs": ["out", "second"],
}
CHAIN = {
    "inputs": {"tokens": ((None,), "int32")},
    "layers": [
        layer("Embedding", "embedding", input_dim=1000, output_dim=16),
        layer("LSTM", "lstm", units=32),
        layer("Dense", "dense", units=1),
    ],
    "nodes": [("embedding", ["tokens"], "e"), ("lstm", ["e"], "l"), ("dense", ["l"], "d")],
    "outputs": ["d"],
}


def painted(model, options):
    plain, colours = [], io.StringIO()
    model.summary(print_fn=plain.append, **options)
    console = rich.console.Console
    rich.console.Console = functools.partial(console, force_terminal=True, color_system="256", file=colours)
    try:
        model.summary(**options)
    finally:
        rich.console.Console = console
    return {"columns": int(os.environ["COLUMNS"]), "plain": "".join(plain), "colours": colours.getvalue()}


def described(spec):
    return {
        "inputs": [{"name": key, "shape": shape, "dtype": dtype} for key, (shape, dtype) in spec["inputs"].items()],
        "layers": [option_value(item) for item in spec["layers"]],
        "nodes": [
            {"layer": name, "inputs": sources, "output": output}
            for name, sources, output in spec.get("nodes", [])
        ],
        "outputs": spec.get("outputs", []),
    }


def summary(name, spec, options=None, optimizer=None):
    keras.utils.clear_session()
    model = build(spec)
    if optimizer:
        model.compile(optimizer.build(NAMESPACES), "mse")
        model.optimizer.build(model.trainable_variables)
    return {
        "name": name, "sequential": "nodes" not in spec, "model": described(spec),
        "optimizer": option_value(optimizer), "options": weft_options(options or {}), **painted(model, options or {}),
    }


def nested_summaries():
    """inner = Sequential(in1, in2) named `inner`, with an input of 4; outer = Input(4), inner, Dense last."""
    inner = {
        "inputs": {"x": ((4,), "float32")},
        "layers": [layer("Dense", "in1", units=3), layer("Dense", "in2", units=2)],
    }
    for options in [{}, {"expand_nested": True}, {"expand_nested": True, "show_trainable": True}]:
        keras.utils.clear_session()
        inside = build(inner)
        inside.name = "inner"
        outer = keras.Sequential([keras.Input((4,)), inside, keras.layers.Dense(1, name="last")], name="model")
        yield {
            "name": " ".join(["nested", *map(camel, options)]), "nested": described(inner),
            "options": weft_options(options), **painted(outer, options),
        }


class Screen(io.StringIO):
    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


def bar(name, target, updates, verbose=1, terminal=True):
    """updates: (seconds, current, logs, finalize)."""
    screen, clock = Screen(terminal), {"now": 1000.0}
    time, posix = progbar.time.time, sys.modules.pop("posix")
    progbar.time.time = lambda: clock["now"]
    try:
        with contextlib.redirect_stdout(screen):
            shown = keras.utils.Progbar(target, verbose=verbose, stateless_metrics=set())
            for seconds, current, logs, finalize in updates:
                clock["now"] = 1000.0 + seconds
                shown.update(current, list(logs.items()), finalize=finalize)
    finally:
        progbar.time.time = time
        sys.modules["posix"] = posix
    return {
        "name": name, "target": target, "verbose": verbose, "redraws": terminal, "startSeconds": 1000.0,
        "updates": [
            {"seconds": seconds, "current": current, "logs": logs, "finalize": finalize}
            for seconds, current, logs, finalize in updates
        ],
        "written": screen.getvalue(),
    }


def bars():
    epoch = [
        (0.8, 1, {"accuracy": 0.1, "loss": 2.3}, False),
        (0.82, 2, {"accuracy": 0.15, "loss": 2.25}, False),
        (0.9, 30, {"accuracy": 0.4, "loss": 1.5}, False),
        (1.3, 235, {"accuracy": 0.81234, "loss": 0.00051}, False),
        (2.4, 469, {"accuracy": 0.9, "loss": 0.0000123, "val_accuracy": 0.91, "val_loss": 123.456}, True),
    ]
    slow = [
        (2.0, 1, {"loss": 1.0}, False),
        (5.5, 2, {"loss": 0.5}, False),
        (400.0, 3, {"loss": -0.25}, False),
        (9000.0, 5, {"loss": float("nan")}, False),
        (20000.0, 100, {"loss": 1e-9}, True),
    ]
    unknown = [
        (0.1, 1, {"loss": 1.0}, False),
        (0.3, 7, {"loss": 0.5}, False),
        (61.0, 12345, {"loss": 0.25}, False),
    ]
    yield bar("terminal", 469, epoch)
    yield bar("pipe", 469, epoch, terminal=False)
    yield bar("one line", 469, epoch, verbose=2)
    yield bar("silent", 469, epoch, verbose=0)
    yield bar("slow", 100, slow)
    yield bar("slow, one line", 100, slow, verbose=2)
    yield bar("unknown target", None, unknown)
    yield bar("unknown target, pipe", None, unknown, terminal=False)
    yield bar("one step", 1, [(0.5, 1, {"loss": 0.001}, True)])
    yield bar("nothing to report", 12, [(0.2, 1, {}, False), (0.3, 6, {}, False), (0.35, 12, {}, True)])
    yield bar("microseconds", 5000, [(0.01, 1, {}, False), (0.08, 900, {}, False), (0.2, 5000, {}, True)])


write("looks", "summaries", [
    summary("sequential", SEQUENTIAL),
    summary("sequential, trainable shown", SEQUENTIAL, {"show_trainable": True}),
    summary("sequential, line length", SEQUENTIAL, {"line_length": 70}),
    summary("unbuilt", UNBUILT),
    summary("compiled", SEQUENTIAL, optimizer=Made("Adam")),
    summary("compiled, momentum", CHAIN, optimizer=Made("SGD", learning_rate=0.1, momentum=0.9)),
    summary("branching", BRANCHING),
    summary("branching, trainable shown", BRANCHING, {"show_trainable": True}),
    summary("functional chain", CHAIN),
    *nested_summaries(),
])
write("looks", "progressBars", list(bars()))
