"""The pages of this door, each module bringing its own."""

from partage.portal.finance import (
    accounts,
    agreed,
    agreements,
    bank,
    books,
    closing,
    consolidated,
    costs,
    home,
    invoice,
    invoices,
    months,
    proposals,
    reminders,
    tariffs,
    to_bill,
    year_pages,
)

app_name = "finance"
urlpatterns = [
    *home.urls,
    *invoices.urls,
    *to_bill.urls,
    *invoice.urls,
    *consolidated.urls,
    *bank.urls,
    *books.urls,
    *agreed.urls,
    *reminders.urls,
    *accounts.urls,
    *closing.urls,
    *year_pages.urls,
    *proposals.urls,
    *months.urls,
    *tariffs.urls,
    *costs.urls,
    *agreements.urls,
]
