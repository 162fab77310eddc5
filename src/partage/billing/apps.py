from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "partage.billing"
    label = "billing"
