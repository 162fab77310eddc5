from django.contrib import admin

from partage.billing.models import (
    BankFile,
    BooksClosing,
    Consolidation,
    ContentRule,
    Deposit,
    ExportedEntry,
    Instalment,
    Invoice,
    InvoicedWork,
    InvoiceLine,
    InvoiceTax,
    LedgerAccount,
    LedgerExport,
    Payment,
    Reminder,
    ReminderHold,
    ReminderStep,
    Schedule,
)
from partage.journal.admin import LookOnly

admin.site.register(
    [
        BankFile,
        BooksClosing,
        Consolidation,
        ContentRule,
        Deposit,
        ExportedEntry,
        Instalment,
        Invoice,
        InvoicedWork,
        InvoiceLine,
        InvoiceTax,
        LedgerAccount,
        LedgerExport,
        Payment,
        Reminder,
        ReminderHold,
        ReminderStep,
        Schedule,
    ],
    LookOnly,
)
