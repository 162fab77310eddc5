"""The pages of this door, each module bringing its own."""

from partage.portal.finance import months

app_name = "finance"
urlpatterns: list = [*months.urls]
