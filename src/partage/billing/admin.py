from django.contrib import admin

from partage.journal.admin import LookOnly
from partage.billing.models import Invoice, InvoiceLine, InvoiceTax, InvoicedWork, Payment

admin.site.register([Invoice, InvoicedWork, InvoiceLine, InvoiceTax, Payment], LookOnly)
