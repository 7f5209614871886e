from django.core.management.base import BaseCommand, CommandError

from accounts import second_factor, sessions
from accounts.models import User


class Command(BaseCommand):
    help = "Remove passkeys, app and recovery codes of a member who has lost them, and end their sessions. Make sure who asks."

    def add_arguments(self, parser):
        parser.add_argument("address", help="e-mail address of the account")

    def handle(self, *, address, **options):
        user = User.objects.filter(email=address.lower()).first()
        if user is None:
            raise CommandError(f"No account has the address {address}.")
        count = second_factor.forget(user)
        sessions.end_others(user)
        self.stdout.write(f"{user}: {count} removed, all sessions ended.")
