from django.apps import AppConfig


class ImportingConfig(AppConfig):
    name = "partage.importing"
    label = "importing"
