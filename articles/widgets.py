"""Form controls that the editors' desk needs beyond Django's. Each works without JavaScript, with less comfort."""

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, ForeignKeyRawIdWidget
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django_prose_editor.widgets import AdminProseEditorWidget

from campaign import images

MAX_OPTIONS = 300  # authors that a plain <select> is good for

# What the editor can make; campaign.markup has the last word. "Facts" is ours: static/admin-editor.js.
EDITOR = {
    "Heading": {"levels": [2, 3, 4]},
    "Bold": True,
    "Italic": True,
    "Subscript": True,
    "Superscript": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto"]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "NodeClass": {"cssClasses": {"blockquote": ["pull"]}},
    "Facts": True,
    "Figure": True,
    "Image": True,
    "Caption": True,
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "CodeBlock": True,
    "HorizontalRule": True,
    "NoSpellCheck": False,
}


class BodyWidget(AdminProseEditorWidget):
    """The rich-text editor; without JavaScript the field takes HTML."""

    def __init__(self):
        super().__init__(config={"extensions": EDITOR}, preset="configurable")

    def get_config(self):
        config = super().get_config()
        extensions = config["extensions"] | {
            "Figure": {"pickerUrl": reverse("admin:articles_picture_pick")},
        }
        return config | {"extensions": extensions, "js_modules": [static("admin-editor.js")]}


class AuthorSelect(AutocompleteSelect):
    """Authors found by typing; all of them in the <select> where they are few, for browsers without JavaScript."""

    def optgroups(self, name, value, attrs=None):
        if self.choices.queryset.count() <= MAX_OPTIONS:
            return forms.Select.optgroups(self, name, value, attrs)
        return super().optgroups(name, value, attrs)


class LibraryPicture(ForeignKeyRawIdWidget):
    """A picture chosen in the library's own list, shown with its words. Without JavaScript its number is typed."""

    template_name = "admin/widgets/picture.html"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        picture = self.rel.model.objects.filter(pk=value).first() if str(value or "").isdecimal() else None
        return context | {"picture": picture}

    def label_and_url_for_value(self, value):
        return "", ""

    def render(self, name, value, attrs=None, renderer=None):
        # By the site's template engine: that of forms knows the templates of apps alone.
        return render_to_string(self.template_name, self.get_context(name, value, attrs))


class UploadInput(forms.FileInput):
    """A file from the editor's machine: one picture."""

    def __init__(self):
        super().__init__(attrs={"accept": images.ACCEPT, "data-upload": ""})
