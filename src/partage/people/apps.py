from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "partage.people"
    label = "people"
