"""The pages of this door, each module bringing its own."""

from partage.portal.finance import months, tariffs

app_name = "finance"
urlpatterns = [*months.urls, *tariffs.urls]
