from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    FRENCH = "fr", _("français")
    ENGLISH = "en", _("anglais")


class Role(models.TextChoices):
    """What a person does here. One person may hold several."""

    MEMBER = "MEMBER", _("représentation d’un membre")
    EXPERT = "EXPERT", _("expertise")
    COORDINATION = "COORDINATION", _("coordination")
    FINANCE = "FINANCE", _("finances")
    BOARD = "BOARD", _("conseil d’administration")
    ADMINISTRATION = "ADMINISTRATION", _("administration")


class Users(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **more):
        user = self.model(email=self.normalize_email(email).lower(), **more)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **more):
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, **more
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in (compte)."""

    email = models.EmailField(_("courriel"), unique=True)
    name = models.CharField(_("nom"), max_length=150)
    language = models.CharField(
        _("langue"), max_length=2, choices=Language, default=Language.FRENCH
    )
    is_active = models.BooleanField(_("actif"), default=True)
    is_staff = models.BooleanField(_("accès à l’administration"), default=False)
    joined_at = models.DateTimeField(_("créé le"), db_default=Now())

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = Users()

    class Meta:
        verbose_name = _("compte")
        verbose_name_plural = _("comptes")

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class RoleGrant(models.Model):
    """A role that a person holds (rôle accordé)."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="grants", verbose_name=_("compte")
    )
    role = models.CharField(_("rôle"), max_length=20, choices=Role)

    class Meta:
        verbose_name = _("rôle accordé")
        verbose_name_plural = _("rôles accordés")
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="role_granted_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"
