"""The agreements, inside this door."""

from partage.people.models import Role
from partage.portal.agreement_pages import pages

urls = pages("finance", Role.FINANCE)
