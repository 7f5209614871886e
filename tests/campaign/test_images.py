import io
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import SimpleTestCase, override_settings
from PIL import Image

from campaign import images
from tests import corpora

# Corpora: what must come out as a picture, and what must be refused.
SOUND = ["images/exif-samples", "images/metadata-xss", "images/pillow/good", "images/pillow/gps"]
REFUSED = ["images/pillow/fuzz", "uploads/svg"]
EITHER = ["images/pillow/apng", "images/pillow/bomb", "images/pillow/broken", "uploads/active"]
# What no stored file may hold: metadata, script, an archive behind the picture.
TRACES = [b"Exif", b"GPS", b"xmpmeta", b"<script", b"PK\x03\x04", b"ICCP", b"onclick", b"alert("]

# Runs in a process of its own: a file that takes all memory or never ends takes this one along, not the suite.
CHILD = """
import json, resource, sys, time
from pathlib import Path
from django.conf import settings
settings.configure(USE_I18N=False)
from campaign import images
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name in sys.argv[2:]:
    started = time.process_time()
    found = {"name": name, "code": "", "files": []}
    try:
        with open(name, "rb") as file:
            made = images.reencode(file).copies if sys.argv[1] == "picture" else images.reencode_avatar(file).files
            found["files"] = [content.hex() for content in made.values()]
    except images.BadPicture as problem:
        found["code"] = problem.code
    found["seconds"] = time.process_time() - started
    found["megabytes"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps(found))
"""


def picture(size=(60, 40), mode="RGB", colour=0, kind="PNG", **options):
    """A file with one plain picture."""
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, **options)
    file.seek(0)
    return file


def reopened(made, width=None):
    return Image.open(io.BytesIO(made.copies[width or made.width]))


def chunks(content):
    """The names of a WebP file's chunks."""
    at, found = 12, []
    while at < len(content):
        found.append(content[at : at + 4].decode())
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        at += 8 + length + length % 2
    return found


def boxes(content):
    """The names of an AVIF file's outermost boxes."""
    at, found = 0, set()
    while at < len(content):
        found.add(content[at + 4 : at + 8].decode())
        at += int.from_bytes(content[at : at + 4], "big")
    return found


class CorpusTests(SimpleTestCase):
    """Every file of the corpora as a picture of an article, in a child process with limits."""

    kind = "picture"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = [str(name) for folder in SOUND + REFUSED + EITHER for name in sorted(corpora.path(folder).rglob("*.*"))]
        run = subprocess.run(
            [sys.executable, "-c", CHILD, cls.kind, *names],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=Path(__file__).parents[2],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (60, 60)),
        )
        cls.errors = run.stderr
        cls.found = [json.loads(line) for line in run.stdout.splitlines()]
        cls.names = names

    def of(self, folders):
        return [one for one in self.found if any(f"/{folder}/" in one["name"] for folder in folders)]

    def test_every_file_is_answered_and_none_kills_the_process(self):
        self.assertEqual([one["name"] for one in self.found], self.names, self.errors[-500:])

    def test_sound_pictures_are_made_anew(self):
        self.assertEqual([one["name"] for one in self.of(SOUND) if one["code"]], [])

    def test_what_is_no_picture_of_ours_is_refused(self):
        self.assertEqual([one["name"] for one in self.of(REFUSED) if not one["code"]], [])

    def test_none_takes_more_than_two_seconds_or_200_megabytes(self):
        for one in self.found:
            with self.subTest(one["name"]):
                self.assertLess(one["seconds"], 2)
                self.assertLess(one["megabytes"], 200)

    def test_stored_files_hold_pixels_and_nothing_else(self):
        for one in self.found:
            for content in map(bytes.fromhex, one["files"]):
                with self.subTest(one["name"]):
                    self.assertEqual([trace for trace in TRACES if trace in content], [])
                    if content[4:8] == b"ftyp":
                        self.assertEqual(boxes(content), {"ftyp", "meta", "mdat"})
                    else:
                        self.assertLessEqual(set(chunks(content)), {"VP8 ", "VP8L", "VP8X", "ALPH"})


class AvatarCorpusTests(CorpusTests):
    """The same files as avatars."""

    kind = "avatar"

    def test_each_is_a_good_avatar_or_a_clear_refusal(self):
        for one in self.found:
            with self.subTest(one["name"]):
                sizes = [Image.open(io.BytesIO(bytes.fromhex(content))).size for content in one["files"]]
                self.assertIn(sizes, ([], [(96, 96), (96, 96), (256, 256), (256, 256)]))
                self.assertEqual(bool(one["code"]), not sizes)


class ReencodeTests(SimpleTestCase):
    def test_makes_a_master_and_narrower_copies(self):
        made = images.reencode(picture((3000, 2000), kind="JPEG"))
        self.assertEqual((made.width, made.height), (2400, 1600))
        self.assertEqual(made.widths, [480, 960, 1600])
        self.assertEqual(reopened(made, 960).size, (960, 640))
        self.assertEqual(reopened(made).format, "WEBP")

    def test_makes_no_copy_as_wide_as_the_master(self):
        self.assertEqual(images.reencode(picture((500, 300))).widths, [])
        self.assertEqual(images.reencode(picture((480, 300))).widths, [])

    def test_turns_a_picture_as_the_camera_was_held(self):
        exif = Image.Exif()
        exif[0x0112] = 6  # the camera stood on its side
        file = io.BytesIO()
        image = Image.new("RGB", (400, 200))
        image.paste((255, 0, 0), (0, 0, 400, 60))  # the sensor's top
        image.save(file, "JPEG", exif=exif, quality=95)
        made = images.reencode(file)
        self.assertEqual((made.width, made.height), (200, 400))
        self.assertGreater(reopened(made).convert("RGB").getpixel((190, 200))[0], 200)

    def test_keeps_transparency(self):
        made = images.reencode(picture(mode="RGBA", colour=(200, 0, 0, 0)))
        self.assertEqual(reopened(made).mode, "RGBA")

    def test_reads_other_kinds_of_colour(self):
        for mode, kind in [("L", "PNG"), ("LA", "PNG"), ("P", "GIF"), ("1", "PNG"), ("I;16", "PNG"), ("CMYK", "JPEG")]:
            with self.subTest(mode):
                self.assertEqual(images.reencode(picture(mode=mode, kind=kind)).width, 60)

    def test_takes_a_picture_whose_colour_profile_makes_no_sense(self):
        made = images.reencode(picture(kind="JPEG", icc_profile=b"no profile" * 20))
        self.assertEqual(made.width, 60)

    def test_keeps_the_first_frame_of_an_animation(self):
        frames = [Image.new("RGB", (20, 20), (step * 5, 0, 0)) for step in range(50)]
        made = images.reencode(picture(size=(20, 20), kind="PNG", save_all=True, append_images=frames[1:]))
        self.assertEqual(getattr(reopened(made), "n_frames", 1), 1)

    def refuses(self, code, file):
        with self.assertRaises(images.BadPicture) as caught:
            images.reencode(file)
        self.assertEqual(caught.exception.code, code)
        self.assertTrue(caught.exception.messages[0])

    def test_refuses_more_than_50_frames(self):
        frames = [Image.new("RGB", (20, 20), (step * 4, 0, 0)) for step in range(60)]
        self.refuses("frames", picture(size=(20, 20), kind="PNG", save_all=True, append_images=frames))

    def test_refuses_too_many_pixels_before_it_reads_them(self):
        self.refuses("pixels", picture((8001, 1)))
        self.refuses("pixels", picture((5001, 5000), mode="1"))

    def test_refuses_a_file_over_20_megabytes(self):
        self.refuses("bytes", io.BytesIO(b"\0" * (20 * 2**20 + 1)))

    def test_refuses_a_damaged_file(self):
        file = picture((300, 300), kind="JPEG")
        self.refuses("damaged", io.BytesIO(file.getvalue()[:-200]))

    def test_refuses_what_is_no_picture(self):
        for content in (b"", b"<svg/>", b"%PDF-1.4", b"GIF89a"):
            with self.subTest(content):
                self.refuses("format", io.BytesIO(content))

    def test_refuses_formats_that_it_does_not_name(self):
        for kind in ("BMP", "TIFF", "ICO", "PPM"):
            with self.subTest(kind):
                self.refuses("format", picture(kind=kind))

    def test_reads_uploaded_files_from_their_start(self):
        upload = SimpleUploadedFile("../../name.php.png", picture().getvalue())
        upload.read()
        self.assertEqual(images.reencode(upload).width, 60)


class AvatarTests(SimpleTestCase):
    def test_is_the_middle_as_a_square_under_a_name_of_ours(self):
        image = Image.new("RGB", (900, 300))
        image.paste((0, 255, 0), (300, 0, 600, 300))
        file = io.BytesIO()
        image.save(file, "PNG")
        files = images.reencode_avatar(file).files
        for end, (side, kind) in images.AVATARS.items():
            avatar = Image.open(io.BytesIO(files[end]))
            self.assertEqual((avatar.format, avatar.size), (kind, (side, side)))
            self.assertGreater(avatar.convert("RGB").getpixel((2, side // 2))[1], 200)

    def test_refuses_a_file_over_5_megabytes(self):
        with self.assertRaises(images.BadPicture):
            images.reencode_avatar(io.BytesIO(b"\0" * (5 * 2**20 + 1)))


class StorageTests(SimpleTestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        settings = override_settings(MEDIA_ROOT=self.folder)
        settings.enable()
        self.addCleanup(settings.disable)

    def stored(self):
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.*"))

    def test_writes_all_files_under_one_random_name(self):
        made = images.reencode(picture((1200, 800)))
        name = made.write()
        stem = name.removesuffix(".webp")
        self.assertRegex(name, r"^pictures/[0-9a-f]{32}\.webp$")
        self.assertEqual(self.stored(), [f"{stem}-480.webp", f"{stem}-960.webp", name])
        self.assertNotEqual(made.write(), name)

    def test_leaves_nothing_where_one_file_cannot_be_written(self):
        made = images.reencode(picture((1200, 800)))
        made.copies[100] = b"x"
        made.copies[200] = "no bytes"  # fails after four files
        with self.assertRaises(TypeError):
            made.write()
        self.assertEqual(self.stored(), [])

    def test_says_so_where_the_disk_is_full(self):
        made = images.reencode(picture())
        (self.folder / "pictures").write_text("a file where the folder should be")
        with self.assertRaises(images.BadPicture) as caught:
            made.write()
        self.assertEqual(caught.exception.code, "storage")

    def test_keeps_no_file_where_the_row_cannot_be_saved(self):
        class Row:
            def save(self):
                raise RuntimeError

        with self.assertRaises(RuntimeError):
            images.store(Row(), picture((1200, 800)))
        self.assertEqual(self.stored(), [])

    def test_writes_and_removes_all_files_of_an_avatar(self):
        name = images.reencode_avatar(picture()).write()
        stem = name.removesuffix(".webp")
        self.assertRegex(name, r"^avatars/[0-9a-f]{32}\.webp$")
        self.assertEqual(self.stored(), [f"{stem}-256.avif", f"{stem}-256.webp", f"{stem}.avif", name])
        images.remove_avatar(name)
        self.assertEqual(self.stored(), [])

    def test_removes_master_and_copies(self):
        made = images.reencode(picture((1200, 800)))
        images.remove(made.write(), made.widths)
        self.assertEqual(self.stored(), [])
