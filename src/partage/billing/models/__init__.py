"""The rows of this room: what is owed, what was paid, what is told of it."""

from partage.billing.models.agreed import (
    Instalment,
    Schedule,
)
from partage.billing.models.books import (
    BooksClosing,
    ExportedEntry,
    LedgerAccount,
    LedgerExport,
)
from partage.billing.models.invoices import (
    Consolidation,
    ContentRule,
    Invoice,
    InvoicedWork,
    InvoiceLine,
    InvoiceTax,
)
from partage.billing.models.payments import (
    BankFile,
    Deposit,
    Payment,
)
from partage.billing.models.reminders import (
    Reminder,
    ReminderHold,
    ReminderStep,
)

__all__ = [
    "BankFile",
    "BooksClosing",
    "Consolidation",
    "ContentRule",
    "Deposit",
    "ExportedEntry",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "InvoicedWork",
    "LedgerAccount",
    "LedgerExport",
    "Payment",
    "Reminder",
    "ReminderHold",
    "ReminderStep",
    "Schedule",
]
