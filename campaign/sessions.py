"""Django's sessions in the database, read by a statement that is written once: every page of a member begins with it."""

from django.contrib.sessions.backends import db
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from .prepared import Prepared


class SessionStore(db.SessionStore):
    def _get_session_from_db(self):
        found = living(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
            return None
        return found[0]


def _living(key, now):
    return SessionStore.get_model_class().objects.filter(session_key=key, expire_date__gt=now)


living = Prepared(_living, key=CharField(), now=DateTimeField())
