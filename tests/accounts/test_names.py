from django.core.exceptions import ValidationError
from django.test import SimpleTestCase

from accounts.handles import propose, validate_handle
from accounts.names import clean_display_name
from accounts.passwords import LengthValidator


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
