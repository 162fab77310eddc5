from django.apps import AppConfig


class ClosingConfig(AppConfig):
    name = "partage.closing"
    label = "closing"
