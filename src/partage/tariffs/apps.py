from django.apps import AppConfig


class TariffsConfig(AppConfig):
    name = "partage.tariffs"
    label = "tariffs"
