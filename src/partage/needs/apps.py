from django.apps import AppConfig


class NeedsConfig(AppConfig):
    name = "partage.needs"
    label = "needs"
