from django.apps import AppConfig


class ImpactConfig(AppConfig):
    name = "partage.impact"
    label = "impact"
