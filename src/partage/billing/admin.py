from django.contrib import admin

from partage.billing.models import (
    BankFile,
    Deposit,
    Invoice,
    InvoicedWork,
    InvoiceLine,
    InvoiceTax,
    Payment,
)
from partage.journal.admin import LookOnly

admin.site.register(
    [BankFile, Deposit, Invoice, InvoicedWork, InvoiceLine, InvoiceTax, Payment],
    LookOnly,
)
