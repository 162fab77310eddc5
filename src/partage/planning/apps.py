from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "partage.planning"
    label = "planning"
