"""Whole price tables: every region, every instance type."""

import numpy as np

from lambdadeck import figures, prices
from lambdadeck.figures.catalogue import _darker
from tests.support.figure_cases import FRESH


def test_regions_lists_every_region_and_marks_the_unknown():
    _, rows = figures.regions(today=FRESH).table
    assert [row[0] for row in rows] == list(prices.regions())
    assert next(row for row in rows if row[0] == "ap-southeast-3")[2] is None
    same = sum(row[1] == 16.6667 for row in rows)
    assert figures.regions(today=FRESH).title.startswith(f"{same} of {len(rows)} regions")


def test_the_catalogue_lists_every_type_of_the_region():
    figure = figures.catalogue(today=FRESH)
    assert len(figure.table[1]) == len(prices.ec2_catalogue("us-east-1"))
    assert f"{len(figure.table[1]):,} EC2 types" in figure.title


def test_costlier_is_darker_in_grey_too():
    grey = _darker()(np.linspace(0, 1, 50))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert np.all(np.diff(grey) < 0)
