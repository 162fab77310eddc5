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
from partage.billing.actions.consolidating import (
    consolidate_drafts,
    issue_consolidation,
    separate_drafts,
)
from partage.billing.actions.crediting import credit_invoice, credit_part
from partage.billing.actions.drafting import (
    change_draft,
    delete_draft,
    draft_invoices,
)
from partage.billing.actions.issuing import issue_invoice, issue_invoices
from partage.billing.actions.paying import (
    give_back,
    record_payment,
    reverse_payment,
)
from partage.billing.actions.planning import (
    add_instalment,
    add_schedule,
    draft_recurring,
    end_schedule,
    remove_instalment,
)
from partage.billing.actions.printing import print_draft, print_statement
from partage.billing.actions.reminding import (
    add_reminder_step,
    end_reminder_step,
    hold_reminders,
    lift_hold,
    print_reminder,
    send_reminders,
)
from partage.billing.actions.ruling import set_content_rule

__all__ = [
    "add_instalment",
    "add_reminder_step",
    "add_schedule",
    "bring_bank_file",
    "bring_deposit_back",
    "change_chart",
    "change_draft",
    "close_books",
    "consolidate_drafts",
    "credit_invoice",
    "credit_part",
    "delete_draft",
    "draft_invoices",
    "draft_recurring",
    "end_reminder_step",
    "end_schedule",
    "export_ledger",
    "give_back",
    "hold_reminders",
    "issue_adjustment",
    "issue_consolidation",
    "issue_invoice",
    "issue_invoices",
    "lift_hold",
    "match_certain",
    "match_deposit",
    "print_draft",
    "print_reminder",
    "print_statement",
    "record_payment",
    "remove_instalment",
    "reopen_books",
    "reverse_payment",
    "send_reminders",
    "separate_drafts",
    "set_content_rule",
    "set_deposit_aside",
    "unmatch_deposit",
]
