"""What is done with invoices: draft, issue, credit, print, and take payment."""

from partage.billing.actions.accounting import (
    change_chart,
    close_books,
    export_ledger,
    reopen_books,
)
from partage.billing.actions.adjusting import issue_adjustment
from partage.billing.actions.banking import (
    bring_bank_file,
    bring_deposit_back,
    match_certain,
    match_deposit,
    set_deposit_aside,
    unmatch_deposit,
)
from partage.billing.actions.drafting import (
    change_draft,
    delete_draft,
    draft_invoices,
)
from partage.billing.actions.issuing import credit_invoice, issue_invoice
from partage.billing.actions.paying import (
    give_back,
    record_payment,
    reverse_payment,
)
from partage.billing.actions.printing import print_draft, print_statement

__all__ = [
    "bring_bank_file",
    "bring_deposit_back",
    "change_chart",
    "change_draft",
    "close_books",
    "credit_invoice",
    "delete_draft",
    "draft_invoices",
    "export_ledger",
    "give_back",
    "issue_adjustment",
    "issue_invoice",
    "match_certain",
    "match_deposit",
    "print_draft",
    "print_statement",
    "record_payment",
    "reopen_books",
    "reverse_payment",
    "set_deposit_aside",
    "unmatch_deposit",
]
