"""The pages of this door, each module bringing its own."""

from partage.portal.member import cost, invoices, knowledge, mandates, needs, offers

app_name = "member"
urlpatterns = [
    *needs.urls,
    *offers.urls,
    *mandates.urls,
    *invoices.urls,
    *cost.urls,
    *knowledge.urls,
]
