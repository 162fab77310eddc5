from tests.doors.access import FINANCE, MEMBER

TABLE = {
    "finance:home": {FINANCE},
    "finance:invoices": {FINANCE},
    "finance:to_bill": {FINANCE},
    "finance:issue_many": {FINANCE},
    "finance:invoice": {FINANCE},
    "finance:invoice_pdf": {FINANCE},
    "finance:payments": {FINANCE},
    "finance:bank": {FINANCE},
    "finance:bank_file": {FINANCE},
    "finance:deposit": {FINANCE},
    "finance:books": {FINANCE},
    "finance:chart": {FINANCE},
    "finance:whole_ledger": {FINANCE},
    "finance:book_export": {FINANCE},
    "finance:accounts": {FINANCE},
    "finance:statement": {FINANCE},
    "finance:closing": {FINANCE},
    "member:invoices": {MEMBER},
    "member:invoice": {MEMBER},
    "member:invoice_pdf": {MEMBER},
}
