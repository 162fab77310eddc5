"""The pages of this door, each module bringing its own."""

from partage.portal.expert import knowledge, month, trips, week

app_name = "expert"
urlpatterns = [*week.urls, *month.urls, *trips.urls, *knowledge.urls]
