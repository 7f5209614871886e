"""The four demo sign-ins. Only the demo makes them; `check --deploy` refuses a site that has them."""

from django.contrib.auth.models import Group

from accounts.models import User

PASSWORD = "rostrum-demo"  # noqa: S105  public by design
SIGN_INS = {
    "member": {"handle": "nkemi-ashgrove", "display_name": "Nkemi Ashgrove"},
    "editor": {"handle": "rukmi-senn", "display_name": "Rukmi Senn", "groups": ["Editors"]},
    "moderator": {"handle": "marlo-dunmore", "display_name": "Marlo Dunmore", "groups": ["Moderators"]},
    "admin": {"handle": "newsroom", "display_name": "Newsroom", "is_superuser": True},
}


def address(name):
    return f"{name}@example.org"


def sign_ins():
    """The addresses of those that exist here: [] on a site without the demo."""
    found = User.objects.filter(email__in=map(address, SIGN_INS)).order_by("pk")
    return list(found.values_list("email", flat=True))


def make(name, joined_at):
    """Make one of the four and return it."""
    about = SIGN_INS[name]
    staff = len(about) > 2
    user = User.objects.create_user(
        address(name),
        PASSWORD,
        display_name=about["display_name"],
        handle=about["handle"],
        shows_full_name=staff,
        is_staff=staff,
        is_superuser=about.get("is_superuser", False),
        joined_at=joined_at,
    )
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    user.groups.set(Group.objects.filter(name__in=about.get("groups", [])))
    return user
