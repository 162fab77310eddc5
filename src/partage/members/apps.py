from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "partage.members"
    label = "members"
