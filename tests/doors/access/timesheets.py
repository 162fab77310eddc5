from tests.doors.access import COORDINATION, EXPERT, FINANCE

MANAGERS = {COORDINATION, FINANCE}
TABLE = {
    "expert:week": {EXPERT},
    "expert:week_on": {EXPERT},
    "expert:month": {EXPERT},
    "expert:month_on": {EXPERT},
    "expert:month_xlsx": {EXPERT},
    "expert:trips": {EXPERT},
    "expert:trip": {EXPERT},
    "expert:expense": {EXPERT},
    "expert:receipt": {EXPERT},
    "coordination:timesheets": MANAGERS,
    "coordination:timesheets_xlsx": MANAGERS,
    "coordination:timesheet": MANAGERS,
    "coordination:timesheet_lines": MANAGERS,
    "coordination:timesheet_approve": MANAGERS,
    "coordination:timesheet_send_back": MANAGERS,
    "coordination:timesheet_reopen": MANAGERS,
    "coordination:timesheet_receipt": MANAGERS,
    "finance:months": {FINANCE},
}
