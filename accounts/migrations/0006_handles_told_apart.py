from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Replace

look = F("handle")
for one, other in [("-", ""), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("rn", "m"), ("vv", "w")]:
    look = Replace(look, Value(one), Value(other))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_tell_names_apart")]

    operations = [
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                look,
                name="user_handle_no_look_alike",
                violation_error_message="This handle is taken, or looks like one that is. Choose another one.",
            ),
        ),
    ]
