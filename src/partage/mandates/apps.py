from django.apps import AppConfig


class MandatesConfig(AppConfig):
    name = "partage.mandates"
    label = "mandates"
