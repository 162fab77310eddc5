from django.apps import AppConfig
from django.contrib.admin import apps


class PortalConfig(AppConfig):
    name = "partage.portal"
    label = "portal"


class TablesConfig(apps.AdminConfig):
    """Django's own admin site, entered by the door of administration only."""

    default = False
    default_site = "partage.portal.administration.tables.Tables"
