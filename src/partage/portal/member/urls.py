"""The pages of this door, each module bringing its own."""

from partage.portal.member import (
    consents,
    cost,
    governance,
    home,
    invoices,
    knowledge,
    mandates,
    needs,
    offers,
    why,
    year,
)

app_name = "member"
urlpatterns = [
    *home.urls,
    *needs.urls,
    *offers.urls,
    *why.urls,
    *mandates.urls,
    *invoices.urls,
    *cost.urls,
    *year.urls,
    *governance.urls,
    *consents.urls,
    *knowledge.urls,
]
