"""How people get an account: someone of the cooperative invites them."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ByInvitation(DefaultAccountAdapter):
    """Nobody signs up alone: a coordinator or a member's representative invites."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
