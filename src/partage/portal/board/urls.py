"""The pages of this door, each module bringing its own."""

app_name = "board"
urlpatterns: list = []
