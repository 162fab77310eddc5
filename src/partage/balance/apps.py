from django.apps import AppConfig


class BalanceConfig(AppConfig):
    name = "partage.balance"
    label = "balance"
