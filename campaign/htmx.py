"""htmx asks for pieces of a page; everybody else gets whole ones."""


def wants_fragment(request):
    """Does htmx ask for a piece of the page? A boosted link or a restored history entry wants all of it."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request
