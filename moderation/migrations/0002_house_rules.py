from django.db import migrations

RULES = [
    ("abuse", "Personal attack", "Argue with what somebody says, not with who they are. Insults, slurs and mockery go."),
    ("hate", "Hatred or violence", "Nobody is attacked for where they come from, what they believe, whom they love or how "
     "they live, and nobody is threatened. Calls for violence go at once."),
    ("advertising", "Advertising or another petition", "The discussion is about this article. Advertising, appeals for "
     "money and other petitions belong elsewhere."),
    ("off-topic", "Off topic", "Stay with the subject, so that those who come for it find each other."),
    ("personal-data", "Personal data", "No addresses, telephone numbers or private matters of others, however easily found."),
    ("illegal", "Against the law", "What the law forbids to publish is not published here."),
    ("other", "Other", "A reason that the rules above do not cover; the moderator says which."),
]  # fmt: skip


def add_rules(apps, schema_editor):
    rule = apps.get_model("moderation", "Rule")
    for position, (code, title, text) in enumerate(RULES, 1):
        rule.objects.get_or_create(code=code, defaults={"title": title, "text": text, "position": position})


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial")]
    operations = [migrations.RunPython(add_rules, migrations.RunPython.noop)]
