"""The pages of this door, each module bringing its own."""

app_name = "member"
urlpatterns: list = []
