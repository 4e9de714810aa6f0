import re

import pytest

from transforms.claims.candidates import make_candidate, number_pattern

NUMBER = re.compile(number_pattern(["points", "point", "percent", "fps", "seconds"]), re.X)


def found(text):
    return [make_candidate(match) for match in NUMBER.finditer(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8-10x less", [("8-10x", 8.0, 10.0, "x")]),
        ("by 0.67~1.98 points", [("0.67~1.98", 0.67, 1.98, "points")]),
        ("a 5.8-point gain", [("5.8", 5.8, None, "point")]),
        ("by up to 5points", [("5", 5.0, None, "points")]),
        ("1,234.5% of", [("1,234.5%", 1234.5, None, "%")]),
        ("90 percent", [("90", 90.0, None, "percent")]),
        ("+3.2 and −1.5%", [("+3.2", 3.2, None, None), ("−1.5%", 1.5, None, "%")]),
        (
            "3.0%/5.2% and 0.82/0.91",
            [
                ("3.0%", 3.0, None, "%"),
                ("5.2%", 5.2, None, "%"),
                ("0.82", 0.82, None, None),
                ("0.91", 0.91, None, None),
            ],
        ),
        ("0.70±0.02 and 81.2 ± 0.3%", [("0.70", 0.7, None, None), ("81.2", 81.2, None, "%")]),
        ("at 19.5 FPS, in 2.61 seconds", [("19.5", 19.5, None, "fps"), ("2.61", 2.61, None, "seconds")]),
        ("FID=1.81", [("1.81", 1.81, None, None)]),
        ("2+ points", [("2", 2.0, None, "points")]),
        ("GPT-3, v2.0, 3D, 10^8, 2019-05-01, [12], $5, 224 × 224, 32 x 32, π_{0.5}, 2.2 × 10^15", []),
    ],
)
def test_candidates(text, expected):
    assert [(c.value_text, c.value, c.value_high, c.unit_token) for c in found(text)] == expected


def test_what_is_bare_and_what_is_a_minimum():
    assert [(c.is_whole, c.is_minimum, c.has_magnitude) for c in found("41 datasets, 4.1, 2+ points, 1.5B words")] == [
        (True, False, False),
        (False, False, False),
        (False, True, False),
        (False, False, True),
    ]
