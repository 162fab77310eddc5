"""The pages of this door, each module bringing its own."""

from partage.portal.board import anonymisations, home, impact, meetings, register

app_name = "board"
urlpatterns: list = [
    *home.urls,
    *register.urls,
    *meetings.urls,
    *impact.urls,
    *anonymisations.urls,
]
