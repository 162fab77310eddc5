"""The pages of this door, each module bringing its own."""

from partage.portal.finance import (
    accounts,
    agreements,
    bank,
    books,
    closing,
    home,
    invoice,
    invoices,
    months,
    reminders,
    tariffs,
    to_bill,
)

app_name = "finance"
urlpatterns = [
    *home.urls,
    *invoices.urls,
    *to_bill.urls,
    *invoice.urls,
    *bank.urls,
    *books.urls,
    *reminders.urls,
    *accounts.urls,
    *closing.urls,
    *months.urls,
    *tariffs.urls,
    *agreements.urls,
]
