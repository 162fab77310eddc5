from django.contrib import admin

from partage.billing.models import (
    Invoice,
    InvoicedWork,
    InvoiceLine,
    InvoiceTax,
    Payment,
)
from partage.journal.admin import LookOnly

admin.site.register([Invoice, InvoicedWork, InvoiceLine, InvoiceTax, Payment], LookOnly)
