from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "partage.governance"
    label = "governance"
