"""The pages of this door, each module bringing its own."""

from partage.portal.member import knowledge, needs

app_name = "member"
urlpatterns = [*needs.urls, *knowledge.urls]
