from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "partage.agreements"
    label = "agreements"
