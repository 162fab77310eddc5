"""The pages of this door, each module bringing its own."""

from partage.portal.finance import (
    accounts,
    agreements,
    closing,
    home,
    invoices,
    months,
    tariffs,
)

app_name = "finance"
urlpatterns = [
    *home.urls,
    *invoices.urls,
    *accounts.urls,
    *closing.urls,
    *months.urls,
    *tariffs.urls,
    *agreements.urls,
]
