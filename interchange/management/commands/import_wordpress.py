import json
import sys
from functools import partial

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from interchange.wordpress import import_export
from interchange.wxr import BrokenExport


class Command(BaseCommand):
    help = (
        "Import a WordPress export (Tools, Export; .xml or .xml.gz): posts, pages, topics, bylines and comments. "
        "Run again it brings only what is new."
    )

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--dry-run", action="store_true", help="write nothing; say what would be imported")
        parser.add_argument("--json", action="store_true", help="print the report as JSON, for scripts")
        parser.add_argument(
            "--fetch-images",
            action="store_true",
            help="fetch pictures from the old site; without it nothing is fetched and pictures become links",
        )
        parser.add_argument(
            "--source",
            default="",
            help="name the site that the file comes from; usually its address, which the file tells",
        )

    def handle(self, *, file, source, dry_run, fetch_images, **options):
        bar = partial(tqdm, file=sys.stderr, disable=None, unit_scale=True)
        try:
            with open(file, "rb") as export:
                report = import_export(
                    export,
                    source=source,
                    dry_run=dry_run,
                    fetch_images=fetch_images,
                    progress=lambda description, total, unit: bar(desc=description, total=total, unit=unit),
                )
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except BrokenExport as error:
            raise CommandError(f"{error}. Nothing was imported.") from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped. Run it again to go on where it was.") from error
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) if options["json"] else report.as_text())
