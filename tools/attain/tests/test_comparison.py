"""The comparison of reported figures with the file's leaves no difference out."""

from decimal import Decimal

from attain.real.comparison import compare


def test_equal_figures_are_equal_whatever_their_scale() -> None:
    assert [row.equal for row in compare({"won": Decimal("10.00")}, {"won": Decimal(10)})] == [True]


def test_a_figure_that_differs_or_is_missing_on_either_side_is_a_difference() -> None:
    rows = compare({"a": Decimal(1), "b": Decimal(2)}, {"a": Decimal(3), "c": Decimal(4)})
    assert [(row.name, row.equal) for row in rows] == [("a", False), ("c", False), ("b", False)]
