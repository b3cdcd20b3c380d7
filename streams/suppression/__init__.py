"""Which numbers of the summaries the public may not see (domain.md §7). Pure; no clock, no I/O.

A *cell* is a unit's (or a tree's, or everything's) numbers for one value of a dimension over one period. A number of
a cell that is built on 1 to 4 cases is *primary*: it is hidden. Unit totals (dimension ``''``) are shown, and so is 0;
so a hidden number could be computed where it is the only unknown of a relation. Therefore every relation that holds a
hidden number gets a second one, the next smallest, again and again until each has none, or at least two with room:

- along the dimension: the cells of one unit add up to its total;
- across units: a unit's own cell and the trees below it add up to its tree, the uppermost trees to ``*``;
- within a cell: completed is early + on time + late; open is the sum of five; the overdue are the sum of their bands;
  who rated said whether it was solved or did not; and over all time what came in less what went out is open.

A unit's own split in two by an attribute, or into late cases with and without a cause, is treated like cells. A 0 is
hidden where it follows a hidden number, where a total is all in one cell, and where nothing else makes a number safe.

What it guarantees: no relation by itself gives a primary number away, neither as its only unknown nor because all that
is hidden in it must be 1, nor do relations one after the other; rates and quantiles follow what they are built on.
Nor do all relations taken together: of nearly every primary number there is another city, with no number below 0, that
shows the same and in which it differs (moves.py: proved for each). What is hidden for it is the cheapest swap
or ring (swaps.py, rings.py), never the whole city's own numbers: these are hidden only where they are
small or the next smallest beside one. Three kinds of numbers are not safe, and are hidden all the same:

- what a total that is shown tells whatever is hidden: a unit's only cell, and what in the whole city is of one value
  (all that wait for reception came online);
- what only the city's own numbers could keep secret: nobody but one unit has the value, or nobody has the two values
  between which a case would have to change;
- what would take more than is tried.

In a city of 405 units, of 434,000 primary numbers in five dimensions, somebody who solves all relations at once can
compute 41,000 of the first kind, 2,800 of the second and 80 of the third; 2,900 more have no such proof, and no way to
compute them is known. The search is bounded: with eight times as many units every swap is still tried, of the rings a
part; where its budget ends, some half a minute for each period, what is left is as the relations one by one leave it.

Periods are judged each for itself: hidden numbers of nested periods bound each other (today is at most the last 7
days), but no relation holds one period's number and nothing else of that period.

What it does not: columns that bound each other but do not add up (waiting on others is at most open) are not looked
at, nor is the difference of two periods that are both shown (30 days less 7 days): it may be small, it is no cell.
Pairs of units, anomalies and sources are no cells either. What somebody knows of cases of his own he can take away.
"""

from streams.suppression.cells import Table, hidden, hidden_of_units, table
from streams.suppression.relations import Bools, Ints

__all__ = ["Bools", "Ints", "Table", "hidden", "hidden_of_units", "table"]
