from tests.doors.access import BOARD, FINANCE, MEMBER

TABLE = {
    "finance:closing": {FINANCE, BOARD},
    "finance:open_year": {FINANCE},
    "finance:year": {FINANCE, BOARD},
    "finance:run": {FINANCE},
    "finance:year_rates": {FINANCE, BOARD},
    "finance:year_checks": {FINANCE, BOARD},
    "finance:proposals": {FINANCE, BOARD},
    "finance:proposal": {FINANCE, BOARD},
    "finance:reserves": {FINANCE, BOARD},
    # What a member was charged is the members' own: the board sees examples.
    "finance:year_members": {FINANCE},
    "finance:year_member": {FINANCE},
    "finance:year_pdf": {FINANCE},
    "finance:year_statements": {FINANCE},
    "member:year": {MEMBER},
    "member:year_of": {MEMBER},
    "member:year_statement": {MEMBER},
}
