"""The picture library on the editors' desk, and uploads to it."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from campaign import images

from . import editions
from .forms import PictureForm
from .models import Picture

PICKED = 60  # pictures that the editor's picker shows


class UploadAdmin(admin.ModelAdmin):
    """For forms with a file named `upload`: it is made anew and stored before the transaction begins, since that takes
    a second or two for which nobody else could write. The files go again unless `keep_upload` said that a row has them.
    """

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        upload = request.FILES.get("upload") if request.method == "POST" else None
        if upload is None or not (self.has_add_permission(request) or self.has_change_permission(request)):
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            upload.made = images.reencode(upload)
            upload.stored = upload.made.write()
        except images.BadPicture as problem:
            upload.problem = problem
            return super().changeform_view(request, object_id, form_url, extra_context)
        saved = False
        try:
            response = super().changeform_view(request, object_id, form_url, extra_context)
            saved = hasattr(upload, "kept")
            return response
        finally:
            if not saved:
                images.remove(upload.stored, upload.made.widths)

    def keep_upload(self, picture, upload):
        """Save `picture` with the stored file; what it had before goes once that is certain."""
        before = (picture.file.name, picture.widths) if picture.pk else None
        images.take(picture, upload.made, upload.stored)
        picture.save()
        upload.kept = True
        if before:
            transaction.on_commit(lambda: images.remove(*before))


def thumbnail(picture):
    """A small image for a list, beside words that say what it belongs to."""
    if picture is None:
        return "–"
    return format_html(
        '<img class="thumbnail" src="{}" alt="" loading="lazy" width="96" height="64">', picture.thumbnail_url
    )


@admin.register(Picture)
class PictureAdmin(UploadAdmin):
    """The picture library."""

    form = PictureForm
    list_display = ["thumbnail", "words", "credit", "size", "used", "uploaded_at"]
    list_display_links = ["words"]
    list_per_page = 48
    list_max_show_all = 0
    show_full_result_count = False
    ordering = ["-uploaded_at", "-id"]
    search_fields = ["alt", "caption", "credit"]
    fieldsets = [
        (
            None,
            {
                "classes": ["upload"],
                "fields": ["preview", "upload", "alt", "is_decorative", "caption", "credit", ("focal_x", "focal_y")],
            },
        )
    ]
    readonly_fields = ["preview"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(article_count=Count("article"))

    def get_urls(self):
        return [
            path("pick/", self.admin_site.admin_view(self.pick), name="articles_picture_pick"),
            path("<int:pk>/shown/", self.admin_site.admin_view(self.shown), name="articles_picture_shown"),
            *super().get_urls(),
        ]

    def pick(self, request):
        """The window in which a picture is chosen for the text of an article."""
        self.need_view_permission(request)
        words = request.GET.get("q", "").strip()[:200]
        pictures = Picture.objects.all()
        if words:
            pictures = pictures.filter(
                Q(alt__icontains=words) | Q(caption__icontains=words) | Q(credit__icontains=words)
            )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Choose a picture"),
            "pictures": pictures.order_by("-uploaded_at", "-id")[:PICKED],
            "words": words,
            "is_popup": True,
        }
        return TemplateResponse(request, "admin/articles/picture/pick.html", context)

    def shown(self, request, pk):
        """What the article form shows of a picture that was just chosen, as JSON."""
        self.need_view_permission(request)
        picture = get_object_or_404(Picture, pk=pk)
        return JsonResponse(
            {"thumbnail": picture.thumbnail_url, "words": picture.caption or picture.alt, "credit": picture.credit}
        )

    def need_view_permission(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied

    @admin.display(description=_("picture"))
    def thumbnail(self, picture):
        return thumbnail(picture)

    @admin.display(description=_("what it shows"))
    def words(self, picture):
        return picture.caption or picture.alt or _("decorative")

    @admin.display(description=_("size"))
    def size(self, picture):
        return f"{picture.width} × {picture.height}"

    @admin.display(description=_("articles"), ordering="article_count")
    def used(self, picture):
        return picture.article_count

    @admin.display(description=_("picture"))
    def preview(self, picture):
        if not picture.pk:
            return "–"
        return format_html(
            '<img data-focal src="{}" alt="{}" width="{}" height="{}">',
            picture.file.url,
            picture.alt,
            picture.width,
            picture.height,
        )

    def save_model(self, request, obj, form, change):
        if upload := form.cleaned_data.get("upload"):
            self.keep_upload(obj, upload)
        else:
            obj.save()
        editions.bump()

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        transaction.on_commit(obj.delete_files)

    def delete_queryset(self, request, queryset):
        for picture in queryset:
            self.delete_model(request, picture)
