"""The pages of this door, each module bringing its own."""

from partage.portal.coordination import knowledge, needs, timesheets

app_name = "coordination"
urlpatterns = [*needs.urls, *knowledge.urls, *timesheets.urls]
