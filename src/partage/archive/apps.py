from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "partage.archive"
    label = "archive"
