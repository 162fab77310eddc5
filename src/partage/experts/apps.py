from django.apps import AppConfig


class ExpertsConfig(AppConfig):
    name = "partage.experts"
    label = "experts"
