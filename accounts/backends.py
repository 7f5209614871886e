"""Who a session belongs to. Signing in is allauth's, permissions are Django's."""

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.db.models import BigIntegerField, Exists, OuterRef

from campaign.prepared import Prepared

from .models import User

is_verified = Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True))
of_pk = Prepared(lambda pk: User.objects.annotate(is_verified=is_verified).filter(pk=pk), pk=BigIntegerField())


class Backend(AuthenticationBackend):
    def get_user(self, user_id):
        """The member with this id, if they may sign in, or None: by a statement that is written once."""
        found = of_pk(pk=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None
