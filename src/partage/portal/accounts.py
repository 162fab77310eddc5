"""How people get an account: someone of the cooperative invites them."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import translation

from partage.governance.queries import cooperative
from partage.people.models import User


class ByInvitation(DefaultAccountAdapter):
    """Nobody signs up alone: a coordinator or a member's representative invites."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Write to people in their own language, in the cooperative's name."""
        reader = context.get("user")
        language = translation.get_language()
        if isinstance(reader, User):
            language = f"{reader.language}-ca"
        with translation.override(language):
            facts = {**context, "cooperative": cooperative()}
            super().send_mail(template_prefix, email, facts)

    def format_email_subject(self, subject: str) -> str:
        return subject
