"""What is kept of everyone's weeks, beside some parts, against counting it plainly."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from partage.planning.queries.kept import Kept

MONDAYS = tuple(date(2025, 4, 7) + timedelta(weeks=week) for week in range(4))
few = st.integers(1, 4)
# A week before the horizon and one after it are of no account.
mondays = st.integers(-1, 4).map(lambda week: MONDAYS[0] + timedelta(weeks=week))
rows = st.lists(st.tuples(few, few, mondays, st.integers(0, 600)), max_size=20)


@given(rows, st.frozensets(few), st.frozensets(few))
def test_what_is_kept_beside_some_parts_is_the_rest_added_up(kept, before, parts):
    all_of_it = Kept(kept, mondays=MONDAYS)
    all_of_it.beside(before)  # what was asked before changes nothing
    for expert in range(1, 5):
        taken = all_of_it.beside(parts)[expert]
        for week, monday in enumerate(MONDAYS):
            there = [
                minutes
                for who, part, when, minutes in kept
                if (who, when) == (expert, monday) and part not in parts
            ]
            assert taken.minutes[week] == sum(there)
            assert taken.parallel[week] == len(there)
