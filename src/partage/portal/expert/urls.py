"""The pages of this door, each module bringing its own."""

app_name = "expert"
urlpatterns: list = []
