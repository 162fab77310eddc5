"""The pages of this door, each module bringing its own."""

app_name = "coordination"
urlpatterns: list = []
