from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "partage.jobs"
    label = "jobs"
