"""Who may do what: the table of reliability.md 4 for every route that exists. `test_routes.py` makes all pairs of it.

A row: route, method, what happens for each role, and which example of `World` it is tried on.

    V visitor · U member without a verified address · M member · O owner of the object, a member · S suspended ·
    Mo moderator · E editor · A superuser

    y  may: an answer below 400 that is no sign-in page, or the form with what is missing (422)
    -  may not: a visitor is led to sign in, others get 403 or 404; no row changes
    0  the existence is private: 404 for everybody, a visitor too; no row changes

A method without a row changes nothing, whoever asks. An account that may not sign in is a visitor.
"""

from dataclasses import dataclass
from uuid import uuid4

from moderation.models import Rule

ROLES = "V U M O S Mo E A".split()

TABLE = """
healthz                          GET    y  y  y  y  y  y  y  y
readyz                           GET    y  y  y  y  y  y  y  y
media                            GET    0  0  0  0  0  0  0  0   no_file

articles:home                    GET    y  y  y  y  y  y  y  y
articles:article                 GET    y  y  y  y  y  y  y  y   published
articles:article                 GET    0  0  0  0  0  0  y  y   draft
articles:article                 GET    0  0  0  0  0  0  y  y   scheduled
articles:topic                   GET    y  y  y  y  y  y  y  y   topic
articles:author                  GET    y  y  y  y  y  y  y  y   author
articles:feed                    GET    y  y  y  y  y  y  y  y
articles:sitemap_index           GET    y  y  y  y  y  y  y  y
articles:sitemap                 GET    y  y  y  y  y  y  y  y   section

comments:permalink               GET    y  y  y  y  y  y  y  y   comment
comments:permalink               GET    y  y  y  y  y  y  y  y   hidden
comments:permalink               GET    0  0  0  y  0  y  0  y   pending
comments:create                  GET    -  -  y  y  -  y  y  y   discussion
comments:create                  POST   -  -  y  y  -  y  y  y   discussion
comments:create                  POST   -  0  0  0  0  0  0  0   draft_discussion
comments:reply                   GET    -  -  y  y  -  y  y  y   comment
comments:reply                   GET    -  0  0  0  0  0  0  0   hidden

comments:edit                    GET    -  -  -  y  -  -  -  -   comment
comments:edit                    POST   -  -  -  y  -  -  -  -   comment
comments:edit                    GET    -  -  -  -  -  -  -  -   comment_of_suspended
comments:edit                    POST   -  -  -  -  -  -  -  -   comment_of_suspended
comments:edit                    GET    -  -  -  -  -  -  -  -   comment_of_unverified
comments:edit                    POST   -  -  -  -  -  -  -  -   comment_of_unverified
comments:withdraw                GET    -  -  -  y  -  -  -  -   comment
comments:withdraw                POST   -  -  -  y  -  -  -  -   comment
comments:withdraw                GET    -  -  -  -  y  -  -  -   comment_of_suspended
comments:withdraw                POST   -  -  -  -  y  -  -  -   comment_of_suspended
comments:withdraw                GET    -  y  -  -  -  -  -  -   comment_of_unverified
comments:withdraw                POST   -  y  -  -  -  -  -  -   comment_of_unverified
comments:history                 GET    -  -  -  y  -  y  -  y   comment
comments:history                 GET    -  -  -  -  y  y  -  y   comment_of_suspended
comments:recommend               GET    -  y  y  y  y  y  y  y   comment
comments:recommend               POST   -  -  y  -  -  y  y  y   comment
comments:recommend               POST   -  0  0  0  0  0  0  0   hidden
comments:feature                 GET    -  -  -  -  -  y  y  y   comment
comments:feature                 POST   -  -  -  -  -  y  y  y   comment
comments:feature                 GET    -  -  -  -  -  y  0  y   pending
comments:feature                 POST   -  -  -  -  -  y  0  y   pending
comments:preview                 POST   -  y  y  y  y  y  y  y
comments:names                   GET    -  y  y  y  y  y  y  y   discussion
comments:names                   GET    -  0  0  0  0  0  0  0   draft_discussion
comments:read                    POST   -  y  y  y  y  y  y  y   discussion
comments:read                    POST   -  0  0  0  0  0  0  0   draft_discussion
comments:live                    GET    y  y  y  y  y  y  y  y   discussion
comments:live                    GET    0  0  0  0  0  0  0  0   draft_discussion
comments:follow_discussion       GET    -  y  y  y  y  y  y  y   discussion
comments:follow_discussion       POST   -  y  y  y  y  y  y  y   discussion
comments:follow_thread           GET    -  y  y  y  y  y  y  y   comment
comments:follow_thread           POST   -  y  y  y  y  y  y  y   comment
comments:follow_thread           POST   -  0  0  y  0  y  0  y   pending
comments:discussion_feed         GET    y  y  y  y  y  y  y  y   discussion
comments:discussion_feed         GET    0  0  0  0  0  0  0  0   draft_discussion
comments:member_feed             GET    y  y  y  y  y  y  y  y   member
comments:member_feed             GET    0  0  0  0  0  0  0  0   inactive
comments:replies_feed            GET    y  y  y  y  y  y  y  y   feed_key
comments:replies_feed            GET    0  0  0  0  0  0  0  0   wrong_feed_key

moderation:hide                  GET    -  -  -  -  -  y  -  y   comment
moderation:hide                  POST   -  -  -  -  -  y  -  y   comment
moderation:hide                  POST   -  -  -  -  -  -  -  y   comment_of_superuser
moderation:restore               GET    -  -  -  -  -  y  -  y   hidden
moderation:restore               POST   -  -  -  -  -  y  -  y   hidden
moderation:approve               GET    -  -  -  -  -  y  -  y   pending
moderation:approve               POST   -  -  -  -  -  y  -  y   pending

accounts:member                  GET    y  y  y  y  y  y  y  y   member
accounts:member                  GET    0  0  0  0  0  0  0  0   inactive
accounts:following               GET    0  0  0  y  0  0  0  0   member
accounts:following               GET    y  y  y  y  y  y  y  y   member_who_shows
accounts:unseen                  GET    0  0  0  y  0  0  0  0   member
accounts:profile_edit            GET    -  y  y  y  y  y  y  y
accounts:profile_edit            POST   -  y  y  y  y  y  y  y
accounts:privacy                 GET    -  y  y  y  y  y  y  y
accounts:privacy                 POST   -  y  y  y  y  y  y  y
accounts:data                    GET    -  y  y  y  y  y  y  y
accounts:data                    POST   -  y  y  y  y  y  y  y
accounts:archive                 GET    -  0  0  y  0  0  0  0
accounts:erase                   GET    -  y  y  y  y  y  y  y
accounts:erase                   POST   -  y  y  y  y  y  y  y
accounts:mute                    GET    -  y  y  y  y  y  y  y   member
accounts:mute                    POST   -  y  y  -  y  y  y  y   member
accounts:mute                    POST   -  0  0  0  0  0  0  0   inactive
accounts:unmute                  GET    -  y  y  y  y  y  y  y   member
accounts:unmute                  POST   -  y  y  y  y  y  y  y   member
accounts:suspend                 GET    -  -  -  -  -  y  -  y   member
accounts:suspend                 POST   -  -  -  -  -  y  -  y   member
accounts:suspend                 POST   -  -  -  -  -  -  -  y   other_staff
accounts:suspend                 POST   -  -  -  -  -  -  -  y   other_superuser
accounts:suspend                 GET    -  -  -  -  -  -  -  -   superuser
accounts:suspend                 POST   -  -  -  -  -  -  -  -   superuser
accounts:suspend                 POST   -  -  -  -  -  0  -  0   inactive
accounts:muted                   GET    -  y  y  y  y  y  y  y
accounts:appearance              GET    y  y  y  y  y  y  y  y
accounts:appearance              POST   y  y  y  y  y  y  y  y

notifications:index              GET    -  y  y  y  y  y  y  y
notifications:read               POST   -  y  y  y  y  y  y  y
notifications:open               POST   -  0  0  y  0  0  0  0   note
notifications:preferences        GET    -  y  y  y  y  y  y  y
notifications:preferences        POST   -  y  y  y  y  y  y  y
notifications:feed               GET    -  y  y  y  y  y  y  y
notifications:feed               POST   -  y  y  y  y  y  y  y
notifications:unsubscribe        GET    y  y  y  y  y  y  y  y   unsubscribe
notifications:unsubscribe        POST   y  y  y  y  y  y  y  y   unsubscribe
notifications:unsubscribe        POST   0  0  0  0  0  0  0  0   forged_unsubscribe

account_login                    GET    y  y  y  y  y  y  y  y
account_login                    POST   y  y  y  y  y  y  y  y
account_signup                   GET    y  y  y  y  y  y  y  y
account_signup                   POST   y  y  y  y  y  y  y  y
account_logout                   GET    y  y  y  y  y  y  y  y
account_logout                   POST   y  y  y  y  y  y  y  y
account_inactive                 GET    y  y  y  y  y  y  y  y
account_email_verification_sent  GET    y  y  y  y  y  y  y  y
account_email_verification_sent  POST   y  y  y  y  y  y  y  y
account_request_login_code       GET    y  y  y  y  y  y  y  y
account_request_login_code       POST   y  y  y  y  y  y  y  y
account_confirm_login_code       GET    y  y  y  y  y  y  y  y
account_confirm_login_code       POST   y  y  y  y  y  y  y  y
account_reset_password           GET    y  y  y  y  y  y  y  y
account_reset_password           POST   y  y  y  y  y  y  y  y
account_reset_password_done      GET    y  y  y  y  y  y  y  y
account_reset_password_from_key  GET    y  y  y  y  y  y  y  y   wrong_key
account_reset_password_from_key  POST   y  y  y  y  y  y  y  y   wrong_key
account_reset_password_from_key_done  GET  y  y  y  y  y  y  y  y
account_reauthenticate           GET    -  y  y  y  y  y  y  y
account_reauthenticate           POST   -  y  y  y  y  y  y  y
accounts:show_by_mail            GET    -  y  y  y  y  y  y  y
accounts:show_by_mail            POST   -  y  y  y  y  y  y  y
account_email                    GET    -  y  y  y  y  y  y  y
account_email                    POST   -  y  y  y  y  y  y  y
account_change_password          GET    -  y  y  y  y  y  y  y
account_change_password          POST   -  y  y  y  y  y  y  y
account_set_password             GET    -  y  y  y  y  y  y  y
account_set_password             POST   -  y  y  y  y  y  y  y
account_signup_by_passkey        GET    y  y  y  y  y  y  y  y
account_signup_by_passkey        POST   y  y  y  y  y  y  y  y

accounts:sessions                GET    -  y  y  y  y  y  y  y
accounts:sessions                POST   -  y  y  y  y  y  y  y
accounts:leave                   POST   y  y  y  y  y  y  y  y   provider
accounts:leave                   POST   0  0  0  0  0  0  0  0   no_provider
openid_connect_callback          GET    y  y  y  y  y  y  y  y   guild
openid_connect_callback          GET    0  0  0  0  0  0  0  0   no_provider
github_callback                  GET    y  y  y  y  y  y  y  y
socialaccount_login_cancelled    GET    y  y  y  y  y  y  y  y
socialaccount_login_error        GET    y  y  y  y  y  y  y  y
socialaccount_signup             GET    y  y  y  y  y  y  y  y
socialaccount_signup             POST   y  y  y  y  y  y  y  y
socialaccount_connections        GET    -  y  y  y  y  y  y  y
socialaccount_connections        POST   -  y  y  y  y  y  y  y
accounts:go_on                   GET    -  y  y  y  y  y  y  y
mfa_index                        GET    -  y  y  y  y  y  y  y
mfa_authenticate                 GET    y  y  y  y  y  y  y  y
mfa_authenticate                 POST   y  y  y  y  y  y  y  y
mfa_reauthenticate               GET    -  y  y  y  y  y  y  y
mfa_reauthenticate               POST   -  y  y  y  y  y  y  y
mfa_activate_totp                GET    -  y  y  y  y  y  y  y
mfa_activate_totp                POST   -  y  y  y  y  y  y  y
mfa_deactivate_totp              GET    -  0  0  0  0  y  y  y
mfa_deactivate_totp              POST   -  0  0  0  0  y  y  y
mfa_view_recovery_codes          GET    -  0  0  y  0  0  0  0
mfa_download_recovery_codes      GET    -  0  0  y  0  0  0  0
mfa_generate_recovery_codes      GET    -  y  y  y  y  y  y  y
mfa_generate_recovery_codes      POST   -  y  y  y  y  y  y  y
mfa_list_webauthn                GET    -  y  y  y  y  y  y  y
mfa_add_webauthn                 GET    -  y  y  y  y  y  y  y
mfa_add_webauthn                 POST   -  y  y  y  y  y  y  y
mfa_reauthenticate_webauthn      GET    -  y  y  y  y  y  y  y
mfa_reauthenticate_webauthn      POST   -  y  y  y  y  y  y  y
mfa_edit_webauthn                GET    -  0  0  y  0  0  0  0   passkey
mfa_edit_webauthn                POST   -  0  0  y  0  0  0  0   passkey
mfa_remove_webauthn              GET    -  0  0  y  0  0  0  0   passkey
mfa_remove_webauthn              POST   -  0  0  y  0  0  0  0   passkey
mfa_login_webauthn               GET    y  y  y  y  y  y  y  y
mfa_login_webauthn               POST   y  y  y  y  y  y  y  y
mfa_signup_webauthn              GET    y  y  y  y  y  y  y  y
mfa_signup_webauthn              POST   y  y  y  y  y  y  y  y

admin:index                      GET    -  -  -  -  -  y  y  y
admin:login                      GET    y  -  -  -  -  y  y  y
admin:login                      POST   y  -  -  -  -  y  y  y
admin:logout                     POST   y  y  y  y  y  y  y  y
admin:password_change            GET    -  -  -  -  -  y  y  y
admin:password_change            POST   -  -  -  -  -  y  y  y
admin:password_change_done       GET    -  -  -  -  -  y  y  y
admin:jsi18n                     GET    -  -  -  -  -  y  y  y
admin:autocomplete               GET    -  -  -  -  -  -  y  y   autocomplete
admin:view_on_site               GET    -  -  -  -  -  y  y  y   view_on_site
admin:app_list                   GET    -  -  -  -  -  -  y  y   articles_app
admin:app_list                   GET    -  -  -  -  -  y  -  y   moderation_app
admin:app_list                   GET    -  -  -  -  -  -  -  y   auth_app
admin:nowhere                    GET    -  -  -  -  -  0  0  0   nowhere

admin:articles_picture_pick      GET    -  -  -  -  -  -  y  y
admin:articles_picture_shown     GET    -  -  -  -  -  -  y  y   picture_pk
"""

# The admin's pages of each model: who may view, add, change, delete. Nobody else gets past the sign-in page or 403.
ADMIN = """
articles_article                   E,A     E,A    E,A    A
articles_picture                   E,A     E,A    E,A    A
articles_topic                     E,A     E,A    E,A    A
articles_author                    E,A     E,A    E,A    A
comments_comment                   Mo,A    -      -      -
comments_discussion                Mo,A    -      Mo,A   -
moderation_decision                Mo,A    -      -      -
moderation_rule                    Mo,A    A      A      -
accounts_user                      A       A      A      -
notifications_outgoingmail         A       -      -      -
notifications_notification         A       -      -      -
account_emailaddress               A       -      -      -
django_tasks_database_dbtaskresult A       -      -      -
auth_group                         A       A      A      A
"""


# What is sent by POST. Where nothing is, the form comes back with what is missing: enough to see whether one may.
DATA = {
    "comments:create": lambda: {"body": "A word about the pipes.", "parent": "", "token": str(uuid4())},
    "comments:edit": lambda: {"body": "Another word about the pipes.", "revision": "1"},
    "comments:preview": lambda: {"body": "A word about the *pipes*."},
    "moderation:hide": lambda: {"rule": Rule.objects.first().pk, "facts": "It advertises."},
    "moderation:restore": lambda: {"facts": ""},
    "accounts:suspend": lambda: {"days": "7", "reason": "They attack others.", "seen": ""},
    "admin_delete": lambda: {"post": "yes"},
}


@dataclass
class Row:
    route: str
    method: str
    roles: dict  # "Mo" -> "y"
    example: str = ""

    def __str__(self):
        return f"{self.method} {self.route} {self.example}".strip()

    def data(self):
        key = "admin_delete" if self.route.startswith("admin:") and self.route.endswith("_delete") else self.route
        return DATA.get(key, dict)() if self.method == "POST" else {}


def rows():
    """Every row, those of the admin's models written out."""
    for line in filter(None, map(str.strip, TABLE.splitlines())):
        route, method, *words = line.split()
        allowed, example = dict(zip(ROLES, words, strict=False)), "".join(words[len(ROLES) :])
        yield Row(route, method, allowed, example)
    for line in filter(None, map(str.strip, ADMIN.splitlines())):
        model, *who = line.split()
        yield from admin_rows(model, *(set(names.split(",")) for names in who))


def admin_rows(model, view, add, change, delete):
    for suffix, method, allowed in (
        ("changelist", "GET", view),
        ("changelist", "POST", view),  # an action that does nothing; the actions have tests of their own
        ("add", "GET", add),
        ("add", "POST", add),
        ("history", "GET", view),
        ("change", "GET", view),
        ("change", "POST", change),
        ("delete", "GET", delete),
        ("delete", "POST", delete),
        ("", "GET", {"Mo", "E", "A"}),  # leads to the change page, looks at nothing
    ):
        roles = {role: "y" if role in allowed else "-" for role in ROLES}
        example = "" if suffix in ("changelist", "add") else "row"
        yield Row(f"admin:{model}_{suffix}", method, roles, example)
