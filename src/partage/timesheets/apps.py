from django.apps import AppConfig


class TimesheetsConfig(AppConfig):
    name = "partage.timesheets"
    label = "timesheets"
