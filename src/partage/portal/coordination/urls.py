"""The pages of this door, each module bringing its own."""

from partage.portal.coordination import (
    experts,
    knowledge,
    mandates,
    needs,
    offers,
    planning,
    timesheets,
)

app_name = "coordination"
urlpatterns = [
    *needs.urls,
    *planning.urls,
    *experts.urls,
    *offers.urls,
    *mandates.urls,
    *knowledge.urls,
    *timesheets.urls,
]
