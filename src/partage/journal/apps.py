from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "partage.journal"
    label = "journal"
