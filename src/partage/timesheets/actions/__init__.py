"""What is done with time: write it, approve it, and what a trip cost."""

from partage.timesheets.actions.approval import (
    approve_week,
    approve_weeks,
    lock_month,
    recall_week,
    reopen_week,
    send_back_week,
    submit_week,
    unlock_month,
)
from partage.timesheets.actions.travel import (
    add_expense,
    add_trip,
    change_expense,
    change_trip,
    remove_expense,
    remove_trip,
)
from partage.timesheets.actions.writing import (
    Cell,
    CellsRefused,
    TimeChangedMeanwhile,
    copy_last_week,
    move_entry,
    take_plan,
    write_time,
)

__all__ = [
    "Cell",
    "CellsRefused",
    "TimeChangedMeanwhile",
    "add_expense",
    "add_trip",
    "approve_week",
    "approve_weeks",
    "change_expense",
    "change_trip",
    "copy_last_week",
    "lock_month",
    "move_entry",
    "recall_week",
    "remove_expense",
    "remove_trip",
    "reopen_week",
    "send_back_week",
    "submit_week",
    "take_plan",
    "unlock_month",
    "write_time",
]
