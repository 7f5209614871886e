from datetime import UTC, datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from campaign.loading import LoadedAtOnce

from . import handles, look_alikes

UNTIL_LIFTED = datetime(9000, 1, 1, tzinfo=UTC)  # the end of a suspension without one


def initials(name):
    """The first letters of the first and the last word: "NA" of Nkemi Ashgrove."""
    words = name.split()
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


class LookField(models.CharField):
    """What another field of the row looks like (look_alikes.look), worked out whenever the row is saved with this field."""

    def __init__(self, *args, of="", **kwargs):
        self.of = of
        super().__init__(*args, **{"editable": False, "max_length": 80, "default": "", "db_default": ""} | kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"of": self.of}

    def pre_save(self, model_instance, add):
        value = look_alikes.look(getattr(model_instance, self.of))[: self.max_length]
        setattr(model_instance, self.attname, value)
        return value


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, *, display_name="", handle="", **fields):
        """Save a user and return it. Without a handle one is made from the name, another one where that is taken."""
        user = self.model(email=self.normalize_email(email).lower(), display_name=display_name, handle=handle, **fields)
        user.set_password(password)
        user.save_with_free_handle()
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email):
        return self.get(email=email.lower())

    def administrators(self):
        """Superusers who can act: of these one stays, whatever happens to the others."""
        acting = models.Q(suspended_until=None) | models.Q(suspended_until__lte=timezone.now())
        return self.filter(acting, is_superuser=True, is_active=True)

    def with_handle_like(self, handle):
        """Whoever has `handle`, or one that looks like it: at most one."""
        return self.alias(look=look_alikes.look_in_database("handle")).filter(look=look_alikes.look(handle))


class User(LoadedAtOnce, AbstractBaseUser, PermissionsMixin):
    """A member: signs in by e-mail, is known to others by display name and handle. Staff are members of a group."""

    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = models.CharField(_("name"), max_length=40)
    handle = models.CharField(max_length=30, unique=True, validators=[handles.validate_handle])
    shows_full_name = models.BooleanField(
        _("show my full name"), default=False, help_text=_("Otherwise others see “Nkemi A.” for Nkemi Ashgrove.")
    )
    name_look = LookField(of="display_name")
    bio = models.CharField(max_length=300, blank=True, default="")
    place = models.CharField(_("place"), max_length=60, blank=True, default="", db_default="")
    # How they want pages and mails; "" is as the site or the device has it.
    language = models.CharField(max_length=12, blank=True, default="", db_default="")
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    theme = models.CharField(max_length=5, blank=True, default="", db_default="")
    shows_follows = models.BooleanField(_("show which discussions I follow"), default=False, db_default=False)
    avatar = models.ImageField(upload_to="avatars/", blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May open the admin; groups say what for."))
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    # Changed by suspending.py alone. A suspension whose time is over has ended; its words stay until the next.
    suspended_until = models.DateTimeField(null=True, blank=True, editable=False)
    suspended_for = models.CharField(max_length=1000, blank=True, default="", db_default="", editable=False)

    objects = UserManager()
    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        permissions = [("suspend_user", "Can suspend user")]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_whatever_case"),
            models.UniqueConstraint(
                look_alikes.look_in_database("handle"),
                name="user_handle_no_look_alike",
                violation_error_message=handles.TAKEN,
            ),
            models.CheckConstraint(
                condition=models.Q(suspended_until=None, suspended_for="")
                | (models.Q(suspended_until__isnull=False) & ~models.Q(suspended_for="")),
                name="user_suspended_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["name_look"], condition=~models.Q(name_look=""), name="user_name_look")]

    def __str__(self):
        return self.display_name or str(_("Deleted member"))

    def save_with_free_handle(self):
        """Save a new user under its handle, or the nearest free one: of two members with one name both get in."""
        self.handle = self.handle or handles.propose(self.display_name)
        for _attempt in range(5):
            try:
                with transaction.atomic():
                    return self.save(force_insert=True)
            except IntegrityError:
                if not User.objects.with_handle_like(self.handle).exists():
                    raise  # it was not the handle
                self.handle = handles.another(self.handle)
        raise IntegrityError("no free handle in five attempts")

    def get_absolute_url(self):
        return reverse("accounts:member", args=[self.handle])

    # Permissions are for staff, by their groups; for members nothing is looked up. Who is suspended has none.
    def has_perm(self, perm, obj=None):
        return self.is_staff and not self.is_suspended and super().has_perm(perm, obj)

    def has_module_perms(self, app_label):
        return self.is_staff and not self.is_suspended and super().has_module_perms(app_label)

    @property
    def is_suspended(self):
        return self.suspended_until is not None and self.suspended_until > timezone.now()

    @property
    def is_suspended_until_lifted(self):
        return self.suspended_until == UNTIL_LIFTED

    @cached_property
    def is_verified(self):
        """Is an address of theirs confirmed? Who signs in is loaded with the answer (backends.py)."""
        return self.emailaddress_set.filter(verified=True).exists()

    @property
    def takes_part(self):
        """May they put something before others: words, recommendations, a picture? Whatever verb does so asks this."""
        return self.is_active and not self.is_suspended and self.is_verified

    @property
    def public_name(self):
        """The name that others see: "Nkemi A.", or all of it if the member says so."""
        first, _space, rest = self.display_name.partition(" ")
        return str(self) if self.shows_full_name or not rest else f"{first} {rest.split()[-1][0]}."

    def get_short_name(self):
        return self.display_name.partition(" ")[0]

    @property
    def initials(self):
        return initials(self.display_name)

    @property
    def hue(self):
        """One of the 12 hues of an avatar without a picture."""
        return self.pk % 12


class Mute(models.Model):
    """A member does not want to read another: their comments come folded, and nothing of them is told."""

    member = models.ForeignKey(User, models.CASCADE, related_name="mutes")
    muted = models.ForeignKey(User, models.CASCADE, related_name="muted_by")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "muted"], name="mute_once"),
            models.CheckConstraint(condition=~models.Q(member=models.F("muted")), name="mute_not_oneself"),
        ]

    def __str__(self):
        return f"{self.member_id} mutes {self.muted_id}"


class Archive(models.Model):
    """All that is stored about a member, for them to take away: made in the background, deleted after a week (archives.py)."""

    member = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="archive")
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)  # when somebody should make it, while it is not made
    made_at = models.DateTimeField(null=True, blank=True)
    content = models.BinaryField(null=True, blank=True)  # a ZIP file

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=models.Q(made_at=None), name="archive_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(made_at=None, content=None) | models.Q(made_at__isnull=False, content__isnull=False),
                name="archive_made_is_there",
            )
        ]

    def __str__(self):
        return f"of {self.member_id}"


class Leaving(models.Model):
    """A member wants to go, or to take back what they wrote; done when the time to change their mind is over (leaving.py)."""

    member = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="leaving")
    removes_name = models.BooleanField()
    removes_words = models.BooleanField()
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(removes_name=True) | models.Q(removes_words=True), name="leaving_removes_something"
            )
        ]

    def __str__(self):
        return f"of {self.member_id}"
