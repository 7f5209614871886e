from django.db import migrations

from campaign.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("moderation", "0002_house_rules")]
    operations = [AppendOnly("decision")]
