from django.core.management.base import BaseCommand
from tqdm import tqdm

from articles.models import Article
from campaign import markup
from comments import wording
from comments.models import Comment

BATCH = 500


class Command(BaseCommand):
    help = "Bring stored HTML up to date after a change of campaign/markup.py. Can be stopped and run again."

    def handle(self, **options):
        for model, render in ((Article, self.render_article), (Comment, self.render_comment)):
            old = model.objects.exclude(markup_version=markup.VERSION)
            progress = tqdm(total=old.count(), desc=model._meta.verbose_name_plural, disable=None)
            last = 0
            while rows := list(old.filter(pk__gt=last).order_by("pk")[:BATCH]):
                last = rows[-1].pk
                for row in rows:
                    # Guarded: who edits meanwhile has rendered by the new rules already.
                    model.objects.filter(pk=row.pk, body=row.body).update(**render(row), markup_version=markup.VERSION)
                progress.update(len(rows))
            progress.close()

    def render_article(self, article):
        rendered = markup.render_article(article.body)
        return {"html": rendered.html, "word_count": rendered.word_count}

    def render_comment(self, comment):
        words = wording.render(comment.body, author=comment.author, at=comment.posted_at)
        return {"html": words.html}
