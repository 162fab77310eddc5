from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "partage.portal"
    label = "portal"
