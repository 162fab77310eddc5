from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "partage.knowledge"
    label = "knowledge"
