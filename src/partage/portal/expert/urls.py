"""The pages of this door, each module bringing its own."""

from partage.portal.expert import knowledge

app_name = "expert"
urlpatterns = [*knowledge.urls]
