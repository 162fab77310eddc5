"""What is done with a year: measured, proposed, decided, written, taken back."""

from datetime import datetime

from partage.closing.actions.computing import (
    check,
    compute,
    open_year,
    set_figures,
    start_checking,
    start_computing,
)
from partage.closing.actions.deciding import (
    adopt,
    make_proposal,
    put_on_agenda,
    recommend,
    remove_scenario,
    set_closing_rule,
    withdraw,
)
from partage.closing.actions.months import open_month
from partage.closing.actions.posting import (
    post,
    reopen_year,
    reverse,
    start_posting,
    start_reversing,
)
from partage.closing.actions.printing import (
    print_all,
    print_statement,
    start_printing,
)
from partage.closing.actions.running import stop_run, work_on
from partage.closing.models import Run

__all__ = [
    "adopt",
    "make_proposal",
    "open_month",
    "open_year",
    "print_statement",
    "put_on_agenda",
    "recommend",
    "remove_scenario",
    "reopen_year",
    "set_closing_rule",
    "set_figures",
    "start_checking",
    "start_computing",
    "start_posting",
    "start_printing",
    "start_reversing",
    "stop_run",
    "withdraw",
    "work",
]

_WORKS = {
    Run.Kind.COMPUTE: compute,
    Run.Kind.CHECK: check,
    Run.Kind.PRINT: print_all,
    Run.Kind.POST: post,
    Run.Kind.REVERSE: reverse,
}


def work(run_id: int, *, at: datetime) -> Run:
    """Do the work of a run, as the jobs' worker does."""
    return work_on(run_id, _WORKS, at=at)
