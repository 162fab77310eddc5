"""The pages of this door, each module bringing its own."""

from partage.portal.expert import (
    assignments,
    home,
    knowledge,
    mandates,
    month,
    schedule,
    trips,
    week,
)

app_name = "expert"
urlpatterns = [
    *home.urls,
    *assignments.urls,
    *week.urls,
    *month.urls,
    *trips.urls,
    *mandates.urls,
    *schedule.urls,
    *knowledge.urls,
]
