"""Layers that merge several inputs: sums, products, extremes, concatenation."""

from common import Numbers, write
from layer_case import layer_case


def broadcasting(class_name):
    n = Numbers(class_name)

    def case(name, *shapes):
        return layer_case(name, class_name, {}, [n.uniform(shape) for shape in shapes])

    cases = [
        case("two", (2, 3), (2, 3)),
        case("two, rank 4", (1, 2, 3, 2), (1, 2, 3, 2)),
        case("broadcast inner", (2, 3, 4), (2, 1, 4)),
        case("broadcast both", (2, 1, 4), (2, 3, 1)),
    ]
    if class_name != "Subtract":
        cases += [
            case("three", (3, 4), (3, 4), (3, 4)),
            case("four, broadcast", (2, 3, 2), (2, 1, 2), (2, 3, 1), (2, 3, 2)),
        ]
    return cases


def concatenate():
    n = Numbers("concatenate")

    def case(name, *shapes, **options):
        return layer_case(name, "Concatenate", options, [n.uniform(shape) for shape in shapes])

    return [
        case("two", (2, 3), (2, 4)),
        case("three", (2, 1), (2, 3), (2, 2)),
        case("rank 3, last axis", (2, 3, 2), (2, 3, 1)),
        case("axis 1", (2, 2, 3), (2, 4, 3), axis=1),
        case("axis -2", (1, 2, 3), (1, 1, 3), (1, 3, 3), axis=-2),
        case("images", (1, 2, 3, 2), (1, 2, 3, 3), axis=3),
    ]


for name in ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"]:
    write("layers", name, broadcasting(name))
write("layers", "Concatenate", concatenate())
