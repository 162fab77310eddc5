"""The door that granian opens."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partage.config.settings")
application = get_wsgi_application()

from partage.planning.queries import engine  # noqa: E402  (Django is set up above)

engine.warm_beside()
