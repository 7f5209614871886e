"""Pictures that people upload, made anew: four formats in, WebP out (of avatars AVIF too), upright, in bounds, without
metadata, under our names.

Nothing of an uploaded file reaches the disk of the site but its pixels.
"""

import io
import os
import threading
import warnings
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

from . import files

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
ACCEPT = "image/jpeg,image/png,image/gif,image/webp"  # of <input type="file">
MAX_BYTES = 20 * 2**20
MAX_AVATAR_BYTES = 5 * 2**20
MAX_PIXELS = 25_000_000
MAX_SIDE = 8_000  # pixels
MAX_FRAMES = 50  # of an animation; the first one is kept
MASTER_WIDTH = 2_400  # pixels
WIDTHS = (480, 960, 1_600)  # of the scaled copies
WORTH_SCALING = 0.85  # a copy nearly as wide as the master would be as large a file
# An avatar's files by the end of their names: side in pixels, format. The first one is what its row names.
AVATARS = {".webp": (96, "WEBP"), ".avif": (96, "AVIF"), "-256.webp": (256, "WEBP"), "-256.avif": (256, "AVIF")}
QUALITY = 82
AVIF_QUALITY = 65  # as good to the eye
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))

TURN = Image.Transpose
TURNS = {  # by the orientation that a camera writes (Exif 2.32, 4.6.4): what brings the picture upright
    2: TURN.FLIP_LEFT_RIGHT,
    3: TURN.ROTATE_180,
    4: TURN.FLIP_TOP_BOTTOM,
    5: TURN.TRANSPOSE,
    6: TURN.ROTATE_270,
    7: TURN.TRANSVERSE,
    8: TURN.ROTATE_90,
}
SIDEWAYS = {TURN.TRANSPOSE, TURN.ROTATE_270, TURN.TRANSVERSE, TURN.ROTATE_90}

# A file that Pillow warns about (a bomb, a broken animation) is refused. Said once for the process, since
# warnings.catch_warnings() is not safe with threads.
warnings.filterwarnings("error", module=r"PIL\.")

# One picture at a time in a process: decoded, the largest allowed one takes some 100 MB.
decoding = threading.Lock()


class BadPicture(ValidationError):
    """The file is refused as a picture. The message is for whoever chose it; a form's clean method may raise it on."""


@dataclass(frozen=True)
class Reencoded:
    """A picture made anew, in memory: the master and its scaled copies as WebP."""

    width: int
    height: int
    copies: dict[int, bytes] = field(repr=False)  # by width, the master's included

    @property
    def widths(self):
        """Widths of the scaled copies, narrowest first."""
        return sorted(self.copies)[:-1]

    def write(self, folder="pictures"):
        """Store all files under a new random name; return the master's, as a FileField keeps it.

        Each file appears whole or not at all; when one cannot be written none is left and BadPicture is raised.
        """
        return write_files(
            folder, {copy_name(".webp", width, self.width): content for width, content in self.copies.items()}
        )


@dataclass(frozen=True)
class Avatar:
    """A square picture made anew, in memory, in two sizes and two formats."""

    files: dict[str, bytes] = field(repr=False)  # by the keys of AVATARS

    def write(self, folder="avatars"):
        """As Reencoded.write(); return the name of the smaller WebP."""
        return write_files(folder, self.files)


def store(picture, file):
    """Give `picture` (an unsaved articles.Picture) the re-encoded file and save it: row and files, or neither.

    Raise BadPicture. Encoding takes a second: call it outside a transaction where you can.
    """
    made = reencode(file)
    name = made.write()
    try:
        take(picture, made, name)
        picture.save()
    except BaseException:
        remove(name, made.widths)
        raise


def take(picture, made, name):
    """Let `picture` point to what `made.write()` stored under `name`. Saves nothing."""
    picture.width, picture.height, picture.widths = made.width, made.height, made.widths
    picture.file = name


def reencode(file, widths=WIDTHS):
    """Return what readers may be sent of an uploaded file, as `Reencoded`; `.write()` stores it.

    file: a Django File or any seekable binary file. widths: of the scaled copies; those not clearly narrower than
    the master are left out. Raise BadPicture for everything that is not a sound JPEG, PNG, GIF or WebP within the limits.
    """
    with decoding:
        image = upright(file, MAX_BYTES, lambda width, height: MASTER_WIDTH / width)
        copies = {image.width: webp(image)}
        for width in sorted(widths, reverse=True):
            if width < image.width * WORTH_SCALING:
                height = max(1, round(image.height * width / image.width))
                copies[width] = webp(image.resize((width, height), Image.Resampling.LANCZOS))
        return Reencoded(image.width, image.height, copies)


def reencode_avatar(file):
    """Return the middle of a picture as an `Avatar`; `.write()` stores it. Raise BadPicture."""
    largest = max(side for side, _kind in AVATARS.values())
    with decoding:
        image = upright(file, MAX_AVATAR_BYTES, lambda width, height: largest / min(width, height))
        squares = {
            side: ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS) for side, _kind in AVATARS.values()
        }
        encode = {"WEBP": webp, "AVIF": avif}
        return Avatar({end: encode[kind](squares[side]) for end, (side, kind) in AVATARS.items()})


def remove(name, widths=WIDTHS):
    """Delete a stored master and its scaled copies; those that are not there do not matter."""
    files.remove(name.removesuffix(".webp"), [copy_name(".webp", width, None) for width in (None, *widths)])


def remove_avatar(name):
    """Delete all files of a stored avatar; those that are not there do not matter."""
    files.remove(name.removesuffix(".webp"), AVATARS)


def write_files(folder, contents):
    """files.write(), for whoever uploads a picture: raise BadPicture where the disk does not take it."""
    try:
        return files.write(folder, contents)
    except OSError as error:
        raise BadPicture(
            _("The picture could not be stored. Try again later, or tell whoever runs this site."), code="storage"
        ) from error


def copy_name(name, width, master_width):
    """The name of a scaled copy: pictures/ab12.webp of 480 pixels is pictures/ab12-480.webp."""
    return name if width == master_width else f"{name.removesuffix('.webp')}-{width}.webp"


def upright(file, max_bytes, scale):
    """Return a file's picture as an RGB or RGBA image in sRGB, turned as the camera was held, scaled down.

    scale: called with width and height as seen; by how much to scale, never up.
    """
    try:
        # Nothing here keeps the image as it was opened, so that its memory goes as soon as it is scaled.
        return converted(opened(file, max_bytes), scale)
    except BadPicture:
        raise
    except Exception as error:  # hostile files raise what they like: TypeError, SyntaxError, struct.error …
        raise BadPicture(
            _("The picture is damaged. Open it in an image program, save it anew and choose that file."), code="damaged"
        ) from error


def opened(file, max_bytes):
    """Return a file's picture with its headers read and its bounds checked, its pixels still to load."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size > max_bytes:
        raise BadPicture(
            _("The file is larger than %(limit)d MB. Save the picture smaller and choose it again."),
            code="bytes",
            params={"limit": max_bytes // 2**20},
        )
    try:
        image = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise too_many_pixels() from error
    except Exception as error:
        raise BadPicture(_("This is no JPEG, PNG, GIF or WebP picture."), code="format") from error
    check_bounds(image)
    return image


def check_bounds(image):
    """Raise BadPicture over a limit. Reads headers only."""
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
        raise too_many_pixels()
    if getattr(image, "n_frames", 1) > MAX_FRAMES:
        raise BadPicture(
            _("The animation has more than %(limit)d frames."), code="frames", params={"limit": MAX_FRAMES}
        )


def too_many_pixels():
    return BadPicture(
        _("The picture is too large: %(side)d pixels a side and %(millions)d million in all are the limit."),
        code="pixels",
        params={"side": MAX_SIDE, "millions": MAX_PIXELS // 10**6},
    )


def converted(image, scale):
    """Load, scale, turn and convert an image within bounds; what comes back holds pixels and nothing else."""
    turn = TURNS.get(orientation(image))
    factor = scale(*(image.size[::-1] if turn in SIDEWAYS else image.size))
    target = image.size
    if factor < 1:
        target = tuple(max(1, round(side * factor)) for side in image.size)
        # A JPEG can be read at a half or a quarter of its size, which saves most of the time and memory.
        image.draft(None, target)
    image.load()
    profile, transparent = image.info.get("icc_profile"), image.has_transparency_data
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode not in ("RGB", "RGBA", "L", "CMYK"):
        image = image.convert("RGBA" if transparent else "RGB")
    if image.size != target:
        if image.mode == "RGBA":
            image = image.convert("RGBa")  # what is transparent lends its colour to nothing
        image = image.resize(target, Image.Resampling.LANCZOS, reducing_gap=2)
        if image.mode == "RGBa":
            image = image.convert("RGBA")
    if turn is not None:
        image = image.transpose(turn)
    image = in_srgb(image, profile).convert("RGBA" if transparent else "RGB")
    image.info.clear()
    return image


def orientation(image):
    """How the camera was held, a key of TURNS or 1; 1 also where the metadata cannot be read: the picture itself may be sound."""
    try:
        return image.getexif().get(0x0112, 1)
    except Exception:
        return 1


def in_srgb(image, profile):
    """Convert from the colours that the file names; where its profile makes no sense the numbers are taken as they are."""
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode == "RGBA":
            alpha = image.getchannel("A")
            image = ImageCms.profileToProfile(image.convert("RGB"), source, SRGB, outputMode="RGB")
            image.putalpha(alpha)
            return image
        return ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
    except Exception:
        return image


def webp(image):
    """Return an image as the bytes of a WebP file without any metadata."""
    content = io.BytesIO()
    image.save(content, "WEBP", quality=QUALITY, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return content.getvalue()


def avif(image):
    """Return an image as the bytes of an AVIF file without any metadata."""
    content = io.BytesIO()
    image.save(content, "AVIF", quality=AVIF_QUALITY, speed=6, max_threads=1, exif=b"", xmp=b"", icc_profile=b"")
    return content.getvalue()
