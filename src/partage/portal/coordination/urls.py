"""The pages of this door, each module bringing its own."""

from partage.portal.coordination import knowledge, needs

app_name = "coordination"
urlpatterns = [*needs.urls, *knowledge.urls]
