import json
import unicodedata

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase, TestCase

from accounts.forms import ProfileForm, SignupForm
from accounts.handles import propose, validate_handle
from accounts.look_alikes import PASS_FOR, look
from accounts.models import User
from accounts.names import check_not_another, clean_display_name
from accounts.passwords import LengthValidator
from accounts.reserved import is_reserved
from interchange.names import guest_name
from tests import corpora
from tests.factories import make_moderator, make_user


class DisplayNameTests(SimpleTestCase):
    def test_is_kept_in_one_form_with_single_spaces(self):
        self.assertEqual(clean_display_name("  Ｎkemi   Ashgrove "), "Nkemi Ashgrove")
        self.assertEqual(clean_display_name("Zoe\u0308"), "Zo\u00eb")

    def test_takes_names_of_all_scripts(self):
        for name in ("Дов Гаркин", "伊尔丝", "إلسه مارو", "Teo Rafferty-Ojo", "D’Arcy", "7 Reader"):
            self.assertEqual(clean_display_name(name), name)

    def test_refuses_what_cannot_be_seen(self):
        for name in (
            "A\u202enn",
            "A\u200bnn",
            "A\u2066nn",
            "A\x00nn",
            "A\nnn",
            "A\U000e0041nn",
            "A\ufeffnn",
            "An\u2028n",
        ):
            with self.subTest(ascii(name)), self.assertRaises(ValidationError):
                clean_display_name(name)

    def test_refuses_the_names_of_the_site_in_any_dress(self):
        for name in ("admin", "A.d.m.i.n", "ＳＴＡＦＦ", "Mod erator", "rostrum"):
            with self.subTest(name), self.assertRaises(ValidationError):
                clean_display_name(name)

    def test_refuses_more_than_two_accents_on_a_letter(self):
        self.assertTrue(clean_display_name("Z\u0324\u0301na"))
        with self.assertRaises(ValidationError):
            clean_display_name("Z\u0324\u0330\u033d\u0301na")
        with self.assertRaises(ValidationError):
            clean_display_name("Nkem \u0328na")

    def test_refuses_a_mixture_of_alphabets(self):
        for name in ("Nk\u0435mi Ashgrove", "\u0391nna", "Rook \u0421andiway"):
            with self.subTest(ascii(name)), self.assertRaises(ValidationError):
                clean_display_name(name)
        for name in ("港町 カナ ひら", "이 金", "Эдда 7", "O’Dwyer-Finch", "Hawai\u02bbi"):
            self.assertEqual(clean_display_name(name), name)

    def test_refuses_every_reserved_name_in_any_case_and_width(self):
        for word in corpora.path("strings", "reserved-usernames.txt").read_text().split():
            wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)
            for name in (word, word.upper(), word.title(), wide):
                with self.subTest(name), self.assertRaises(ValidationError):
                    clean_display_name(name)

    def test_answers_every_naughty_string_with_a_name_or_a_reason(self):
        for text in json.loads(corpora.path("strings", "blns.json").read_text()):
            try:
                name = clean_display_name(text)
            except ValidationError as refused:
                self.assertTrue(refused.messages[0])
            else:
                self.assertEqual(clean_display_name(name), name)
                self.assertFalse({unicodedata.category(c) for c in name} & {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


class LookTests(TestCase):
    def test_what_passes_for_a_letter_looks_like_it(self):
        for latin, characters in PASS_FOR.items():
            for character in characters:
                self.assertEqual(look(f"a{character}b"), look(f"a{latin}b"), ascii(character))

    def test_a_twin_of_a_member_s_name_is_refused_or_the_very_same_name(self):
        make_user("Nkemi Ashgrove")
        known = json.loads(corpora.path("strings", "latin_confusables.json").read_text())
        twins = 0
        for at, letter in enumerate("Nkemi Ashgrove"):
            for other in known.get(letter, []):
                twin = "Nkemi Ashgrove"[:at] + other + "Nkemi Ashgrove"[at + 1 :]
                form = SignupForm({"display_name": twin})
                twins += 1
                if form.is_valid():
                    kept = form.cleaned_data["display_name"]
                    self.assertEqual(kept.casefold(), "nkemi ashgrove", ascii(twin))
        self.assertGreater(twins, 200)

    def test_two_members_may_have_one_name_in_any_dress(self):
        make_user("Niamh O'Dwyer-Finch")
        for name in ("Niamh O'Dwyer-Finch", "niamh o’dwyer finch"):
            check_not_another(name)
        with self.assertRaises(ValidationError):
            check_not_another("Nlamh O'Dwyer-Finch")

    def test_accents_make_another_name(self):
        make_user("Jose Garcia")
        check_not_another("José García")

    def test_nobody_takes_a_name_of_staff(self):
        moderator = make_moderator()
        for name in (
            "Moss Tarrow",
            "moss tarrow",
            "M0ss Tarrow",
            "\u041c\u043e\u0455\u0455 \u0422\u0430\u0433\u0433\u043e\u0461",
        ):
            with self.subTest(ascii(name)), self.assertRaises(ValidationError):
                check_not_another(name)
        check_not_another("Moss Tarrow", besides=moderator)
        self.assertEqual(guest_name("Moss Tarrow", "old.example"), "Moss Tarrow (old.example)")

    def test_a_member_keeps_the_name_they_have(self):
        user, twin = make_user("Nkemi Ashgrove"), make_user("Nkeml Ashgrove")
        fields = {"display_name": twin.display_name, "handle": twin.handle}
        self.assertTrue(ProfileForm(fields, instance=twin).is_valid())
        form = ProfileForm(fields | {"display_name": "Nkem1 Ashgrove"}, instance=twin)
        self.assertFalse(form.is_valid())
        self.assertEqual(list(form.errors), ["display_name"])
        self.assertEqual(user.name_look, twin.name_look)

    def test_the_look_of_a_name_changes_with_it(self):
        user = make_user("Nkemi Ashgrove")
        user.display_name = "Rook Sandiway"
        user.save(update_fields=["display_name", "name_look"])
        self.assertEqual(User.objects.get(pk=user.pk).name_look, look("Rook Sandiway"))


class HandleLookTests(TestCase):
    TWINS = ("nkemi1", "nkeml-l", "nk-emi-1", "nkernii", "nkem1i")

    def test_text_and_database_see_the_same_look(self):
        for number, handle in enumerate(("a-b0", "r-nvv5", "l1i", "rn-m", "vvvw", "nkemii")):
            user = make_user(f"Name {number}", handle=handle)
            self.assertEqual(User.objects.with_handle_like(handle).get(), user)

    def test_a_twin_is_refused_by_the_form_and_by_the_database(self):
        make_user(handle="nkemii")
        member = make_user("Rook Sandiway", handle="rook")
        for twin in self.TWINS:
            with self.subTest(twin):
                form = ProfileForm(
                    {"display_name": "Rook Sandiway", "handle": twin}, instance=User.objects.get(pk=member.pk)
                )
                self.assertFalse(form.is_valid())
                self.assertEqual(list(form.errors), ["handle"])
                with self.assertRaises(IntegrityError), transaction.atomic():
                    User.objects.filter(pk=member.pk).update(handle=twin)

    def test_who_signs_up_with_a_name_like_it_gets_another_one(self):
        make_user("Rook Sandiway", handle="rook-sandiway")
        self.assertRegex(make_user("R00k Sandiway").handle, r"^r00k-sandiway-[0-9a-f]{4}$")

    def test_reserved_ones_are_refused(self):
        member = make_user("Rook Sandiway", handle="rook")
        words = corpora.path("strings", "reserved-usernames.txt").read_text().split()
        for handle in [*words, "adm1n", "m0derator", "sign-in", "news7", "ADMIN"]:
            form = ProfileForm(
                {"display_name": "Rook Sandiway", "handle": handle}, instance=User.objects.get(pk=member.pk)
            )
            self.assertIn("handle", form.errors, handle)

    def test_names_of_people_are_not_reserved(self):
        for name in ("Ali", "Mia", "Nell", "Ilse Marrow", "7 Reader", "Rook 2"):
            self.assertFalse(is_reserved(name), name)


class HandleTests(SimpleTestCase):
    def test_is_made_from_the_name(self):
        self.assertEqual(propose("Zoë D’Arcy"), "zoe-darcy")
        self.assertLessEqual(len(propose("x" * 60)), 30)

    def test_is_never_one_of_the_site_s_own(self):
        for name in ("Admin", "moderator", "伊尔丝"):
            self.assertRegex(propose(name), r"^member-[0-9a-f]{6}$")

    def test_holds_small_letters_digits_and_hyphens_alone(self):
        for handle in ("a", "-ab", "ab-", "Ab", "a_b", "a b", "ä1", "x" * 31, "ab\n"):
            with self.subTest(handle), self.assertRaises(ValidationError):
                validate_handle(handle)


class PasswordLengthTests(SimpleTestCase):
    def test_staff_need_longer_ones(self):
        class Person:
            is_staff = False

        validator, person = LengthValidator(), Person()
        validator.validate("eight ch", person)
        with self.assertRaises(ValidationError):
            validator.validate("seven c", person)
        person.is_staff = True
        with self.assertRaises(ValidationError):
            validator.validate("eleven char", person)
        validator.validate("twelve chars", person)

    def test_has_an_end(self):
        LengthValidator().validate("x" * 128)
        with self.assertRaises(ValidationError):
            LengthValidator().validate("x" * 129)
