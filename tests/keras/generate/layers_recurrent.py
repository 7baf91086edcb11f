"""SimpleRNN, LSTM, GRU and Bidirectional: sequences, states, masks, direction, statefulness."""

import numpy as np

from common import Made, Numbers, write
from layer_case import layer_case

SHAPE = (2, 5, 3)
MASK = np.array([[1, 1, 1, 0, 0], [1, 0, 1, 1, 0]], bool)
LEFT_MASK = np.array([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]], bool)


def cell_cases(class_name, states, special):
    """The configurations that all three cells share, then those of one cell."""
    n = Numbers(class_name)

    def case(name, shape=SHAPE, call=None, calls=1, **options):
        options = {"units": 4, **options}
        return layer_case(name, class_name, options, n.uniform(shape), call=call, calls=calls)

    def initial(units=4, batch=2):
        return [n.uniform((batch, units)) for _ in range(states)]

    sequences = {"return_sequences": True}
    return [
        case("last output"),
        case("sequences", **sequences),
        case("states", return_state=True),
        case("sequences and states", **sequences, return_state=True, units=3),
        case("backwards", go_backwards=True),
        case("backwards, sequences", go_backwards=True, **sequences),
        case("initial state", call={"initial_state": initial()}, **sequences),
        case("mask", call={"mask": MASK}),
        case("mask, sequences, states", call={"mask": MASK}, **sequences, return_state=True),
        case("left mask, sequences", call={"mask": LEFT_MASK}, **sequences),
        case("mask, zero outputs", call={"mask": MASK}, **sequences, zero_output_for_mask=True),
        case("mask, backwards", call={"mask": MASK}, go_backwards=True, **sequences),
        case("no bias", use_bias=False, **sequences),
        case("relu", activation="relu", units=5),
        case("unroll", unroll=True, **sequences),
        case("unroll, mask", unroll=True, call={"mask": MASK}, **sequences),
        case("one step", shape=(3, 1, 2)),
        case("longer", shape=(1, 12, 2), units=6),
        case("stateful, two calls", calls=2, stateful=True, **sequences),
        *[case(name, **options) for name, options in special],
    ]


def bidirectional():
    n = Numbers("bidirectional")

    def case(name, layer, shape=SHAPE, call=None, **options):
        return layer_case(name, "Bidirectional", {"layer": layer, **options}, n.uniform(shape), call=call)

    lstm = Made("LSTM", units=3, return_sequences=True)
    last = Made("LSTM", units=3)
    return [
        case("concat, sequences", lstm),
        case("concat, last", last),
        case("sum", lstm, merge_mode="sum"),
        case("mul", last, merge_mode="mul"),
        case("ave", lstm, merge_mode="ave"),
        case("separate", last, merge_mode=None),
        case("mask", lstm, call={"mask": MASK}),
        case("simple rnn", Made("SimpleRNN", units=4, return_sequences=True)),
        case("gru", Made("GRU", units=2, return_sequences=True)),
        case("states", Made("LSTM", units=2, return_state=True)),
        case("backward layer", Made("SimpleRNN", units=3),
             backward_layer=Made("SimpleRNN", units=3, activation="relu", go_backwards=True)),
    ]


write("layers", "SimpleRNN", cell_cases("SimpleRNN", 1, [("linear", {"activation": None})]))
write("layers", "LSTM", cell_cases("LSTM", 2, [
    ("hard sigmoid gates", {"recurrent_activation": "hard_sigmoid", "return_sequences": True}),
    ("softsign and tanh gates", {"activation": "softsign", "recurrent_activation": "tanh"}),
    ("no unit forget bias", {"unit_forget_bias": False}),
]))
write("layers", "GRU", cell_cases("GRU", 1, [
    ("reset before", {"reset_after": False, "return_sequences": True}),
    ("reset before, no bias", {"reset_after": False, "use_bias": False}),
    ("reset before, relu", {"reset_after": False, "activation": "relu"}),
    ("hard sigmoid gates", {"recurrent_activation": "hard_sigmoid"}),
]))
write("layers", "Bidirectional", bidirectional())
