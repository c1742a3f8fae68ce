"""Tags by what they do to a line of text."""

# fmt: off
INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "label", "mark", "nobr", "q", "rb", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
))
"""What continues the line it stands in."""

BESIDE_TEXT = frozenset((
    "a", "abbr", "b", "big", "br", "cite", "code", "em", "font", "hr", "i", "img", "input", "ins",
    "label", "s", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "wbr",
))
"""What is no block of its own among the children of a list."""

NO_DESCRIPTION = frozenset((
    "a", "address", "article", "aside", "blockquote", "button", "dl", "figure", "footer", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "label", "li",
))
"""What never holds the description of an office."""
# fmt: on

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
