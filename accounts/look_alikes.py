"""What names look like: two that a reader takes for one have the same look."""

import unicodedata

from django.db.models import F, Value
from django.db.models.functions import Replace

# Letters and signs that pass for Latin ones in living scripts, as they stand after NFKC. Facts from the confusables of
# UTS 39 (Unicode 16); those of dead scripts are left out, since a name is of one script.
PASS_FOR = {
    "2": "ƧϨᒿꙄꝚ",
    "3": "ƷȜЗӠⳌꝪꞫ𝈆",
    "4": "Ꮞ",
    "5": "Ƽ",
    "6": "бᏮⳒ",
    "7": "𐓒𝈒",
    "8": "Ȣȣ৪੪ଃ",
    "9": "৭੧୨൭ⳊꝮ",
    "a": "ΑАᎪᗅꓮɑαа⍺",
    "b": "ΒВᏴᗷꓐꞴƄЬᏏᑲᖯ",
    "c": "ΣСᏟⲤꓚςсᴄⲥꮯ",
    "d": "ᎠᗞᗪꓓԁᏧᑯꓒ",
    "e": "ΕЕᎬ⋿ⴹꓰеҽ℮ꬲ",
    "f": "ϜᖴꓝꞘ𝈓քẝꞙꬵ",
    "g": "ԌᏀᏳꓖƍɡցᶃ",
    "h": "ΗНᎻᕼⲎꓧһհᏂ",
    "i": "ıɩɪιіӏᎥ⍳ꙇꭵ",
    "j": "ͿЈᎫᒍꓙꞲϳј",
    "k": "ΚКᏦⲔꓗ",
    "l": "ᏞᒪⳐꓡ𝈪ƖǀΙІӀ۱∣⏽Ⲓⵏꓲ│",
    "m": "ΜϺМᎷᗰⲘꓟ",
    "n": "ΝⲚꓠոռ",
    "o": "ΟОՕ০ଠ୦ዐⲞⵔ〇ꓳ𐓂οσоօ۵०੦૦௦ం౦ಂ೦ംഠ൦ං๐໐ဝ၀ჿᴏᴑⲟꬽ𐓪",
    "p": "ΡРᏢᑭⲢꓑρр⍴ⲣ",
    "q": "ⵕԛգզ",
    "r": "ƦᎡᏒᖇꓣ𐒴𝈖гᴦⲅꭇꭈꮁ",
    "s": "ЅՏᏕᏚꓢƽѕꜱꮪ",
    "t": "ΤТᎢ⊤⟙Ⲧꓔ",
    "u": "Սሀᑌ∪⋃ꓴ𐓎ʋυսᴜꞟꭎꭒ𐓶",
    "v": "Ѵ۷Ꮩᐯⴸꓦ𝈍νѵᴠ∨⋁ꮩ",
    "w": "ԜᎳᏔꓪɯѡԝաᴡꮃ",
    "x": "ΧХ᙭╳ⲬⵝꓫꞳ×хᕁᕽ᙮",
    "y": "ΥУҮᎩᎽⲨꓬɣʏγуүყᶌỿꭚ",
    "z": "ΖᏃꓜ𐋵ᴢꮓ",
}
IN_LATIN = str.maketrans({character: latin for latin, characters in PASS_FOR.items() for character in characters})
# What passes for another among small Latin letters and digits, one after the other. Text and database do the same.
ALIKE = [("-", ""), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("rn", "m"), ("vv", "w")]


def letters(name):
    """What makes a name the same name in another dress: its letters, digits and signs, without case, spaces, punctuation."""
    name = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in name if unicodedata.category(character)[0] not in "ZP")


def in_latin(name):
    """The letters of a name, those of other scripts that pass for Latin ones taken for these."""
    return letters(unicodedata.normalize("NFKC", name).translate(IN_LATIN))


def look(name):
    """What a name looks like."""
    text = in_latin(name)
    for one, other in ALIKE:
        text = text.replace(one, other)
    return text


def look_in_database(field):
    """look() of a field that holds small Latin letters, digits and hyphens alone, as an expression."""
    expression = F(field)
    for one, other in ALIKE:
        expression = Replace(expression, Value(one), Value(other))
    return expression
