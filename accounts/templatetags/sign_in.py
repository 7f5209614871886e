from django import template

from accounts import providers

register = template.Library()


@register.simple_tag
def providers_offered():
    """The providers that may sign members in."""
    return providers.offered()


@register.filter
def provider_name(account):
    """The name of the provider of a SocialAccount, or its id where the provider is switched off."""
    return dict(providers.offered()).get(account.provider, account.provider)


@register.filter
def any_unconfirmed(addresses):
    """Is one of these addresses not confirmed yet?"""
    return any(not address.verified for address in addresses)
