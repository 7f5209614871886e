import sys
from functools import partial

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from accounts.models import User
from articles.models import Article, Picture
from campaign import images
from demo import accounts, loading, texts


class Command(BaseCommand):
    help = "Load the demo: articles, members and their discussion, and four sign-ins. Never on a site of your own."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there is any article or member")

    def handle(self, *, if_empty, **options):
        if Article.objects.exists() or User.objects.exists():
            if if_empty:
                return
            self.start_anew()
        loading.load(partial(tqdm, desc="Loading the demo", unit="article", file=sys.stderr, disable=None))
        self.stdout.write("Demo loaded. Sign in as " + ", ".join(accounts.sign_ins()) + f" with {accounts.PASSWORD}")

    def start_anew(self):
        """Empty a database that holds the demo and nothing else. Raise CommandError where there is more."""
        slugs = [facts["slug"] for facts, _body in texts.articles()]
        if not accounts.sign_ins() or Article.objects.exclude(slug__in=slugs).exists():
            raise CommandError(
                "This database holds more than the demo: use another DATA_DIR or DATABASE_URL for the demo."
            )
        for picture in Picture.objects.all():
            images.remove(picture.file.name, picture.widths)
        for user in User.objects.exclude(avatar=""):
            images.remove_avatar(user.avatar.name)
        # Decisions are only ever added, so rows cannot be deleted one by one: the tables go and come back.
        call_command("migrate", "accounts", "zero", verbosity=0)
        call_command("migrate", verbosity=0)
