"""Pages made up from their parts read as those parts, whatever markup or text form carries them."""

from dataclasses import dataclass, replace
from datetime import date
from html import escape
from itertools import count

from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from ilo_archive.reader.page import Page, read_page

few = settings(max_examples=40)  # each is a page; what is common is among the first ones

# -- what a page says ----------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    kicker: str | None
    title: str
    day: date | None
    dateline: str | None
    printed: tuple[str, ...]
    credit: str | None

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The parts in the order of office pages."""
        named = [("credit", self.credit), ("kicker", self.kicker), ("title", self.title)]
        named += [("date", self.dateline), *(("summary", each) for each in self.printed)]
        return [(name, text) for name, text in named if text]


@dataclass(frozen=True)
class Said:
    office: str
    description: str
    sections: tuple[tuple[str, tuple[Item, ...]], ...]


WORDS = {
    "en": "labour inspectors young workers seminar training survey gender cotton region rights",
    "fr": "travail inspecteurs jeunes séminaire formation enquête coton région droits égalité",
    "es": "trabajo inspectores jóvenes seminario formación encuesta algodón región derechos",
    "pt": "trabalho inspetores jovens seminário formação pesquisa algodão região direitos",
    "it": "lavoro ispettori giovani seminario formazione indagine cotone regione diritti",
    "de": "Arbeit Inspektoren Jugendliche Seminar Schulung Umfrage Baumwolle Region Rechte",
    "ru": "труд инспекторы молодежь семинар обучение опрос хлопок регион права равенство",
    "ar": "العمل المفتشون الشباب ندوة تدريب دراسة القطن المنطقة الحقوق المساواة",
    "zh": "劳动 监察 青年 研讨 培训 调查 棉花 地区 权利 平等",
    "ja": "労働 監督 若者 講座 研修 調査 綿花 地域 権利 平等",
    "th": "แรงงาน ตรวจสอบ เยาวชน สัมมนา อบรม สำรวจ ฝ้าย ภูมิภาค สิทธิ เสมอภาค",
}
OFFICES = {
    "en": "ILO Office for Lakeland",
    "fr": "Bureau de l’OIT pour la Vallée",
    "es": "Oficina de la OIT para los Ríos",
    "pt": "Escritório da OIT no Vale",
    "it": "Ufficio OIL per le Isole",
    "de": "IAO-Vertretung für das Seenland",
    "ru": "Бюро МОТ для озерного края",
    "ar": "مكتب منظمة العمل الدولية للبحيرات",
    "zh": "国际劳工组织湖区办事处",
    "ja": "ILO湖水地方事務所",
    "th": "สำนักงานแรงงานระหว่างประเทศประจำทะเลสาบ",
}
HEADINGS = {
    "en": ("News", "Events", "What’s new"),
    "fr": ("Actualités", "Événements", "À la une"),
    "es": ("Noticias", "Eventos", "Novedades"),
    "pt": ("Notícias", "Destaques", "Publicações"),
    "it": ("Notizie", "Eventi", "Novità"),
    "de": ("Aktuelles", "Veranstaltungen", "Neuigkeiten"),
    "ru": ("Новости", "Мероприятия", "Публикации"),
    "ar": ("الأخبار", "الفعاليات", "أخبار"),
    "zh": ("最新消息", "新闻", "最新新闻"),
    "ja": ("新着情報", "お知らせ", "最新ニュース"),
    "th": ("ข่าว", "กิจกรรม", "ข่าวล่าสุด"),
}
KNOWN = {each[0] for each in HEADINGS.values()}
CREDITS = ("© Jo Lee 2016", "© Jo Lee / ILO 2016", "© ILO 2016", "© A. Ngo/ILO")
FORMS = ("long", "d MMM y", "dd.MM.y", "EEEE, d MMMM y")
EAST_ASIAN_FORMS = ("long", "y-MM-dd", "y年M月d日 (EEEE)")
DAYS = st.dates(date(1999, 1, 1), date(2030, 12, 31))


def phrases(language: str, least: int, most: int) -> st.SearchStrategy[str]:
    words = st.lists(
        st.sampled_from(WORDS[language].split()), min_size=least, max_size=most, unique=True
    )
    glue = "" if language in ("zh", "ja", "th") else " "
    return words.map(glue.join).map(lambda text: text[:1].upper() + text[1:])


def sentences(language: str) -> st.SearchStrategy[str]:
    if language == "th":  # no full stop: only its length tells a sentence
        return st.permutations(WORDS["th"].split()).map("".join)
    stop = "。" if language in ("zh", "ja") else "."
    return phrases(language, 5, 9).map(lambda text: text + stop)


@st.composite
def items(draw: st.DrawFn, language: str, *, is_dated: bool) -> Item:
    # A Thai text without heading and date is no more than two lines of letters.
    day = draw(DAYS if is_dated or language == "th" else st.none() | DAYS)
    place = draw(st.sampled_from(["", ", Kampala"])) if language != "ar" else ""
    forms = EAST_ASIAN_FORMS if language in ("zh", "ja") else FORMS
    dateline = day and format_date(day, draw(st.sampled_from(forms)), language) + place
    printed = st.lists(sentences(language), min_size=day is None, max_size=3, unique=True)
    return Item(
        draw(st.none() | phrases(language, 1, 2)),
        draw(phrases(language, 3, 5)),
        day,
        " ".join(dateline.split()) if dateline else None,
        tuple(draw(printed)),
        draw(st.none() | st.sampled_from(CREDITS)),
    )


@st.composite
def pages(draw: st.DrawFn, *, is_dated: bool = False, least: int = 1) -> Said:
    language = draw(st.sampled_from(sorted(WORDS)))
    headings = draw(st.lists(st.sampled_from(HEADINGS[language]), min_size=1, unique=True))
    listed = st.lists(items(language, is_dated=is_dated), min_size=least, max_size=4).map(tuple)
    if least == 1:  # nothing tells that a single text without a date is an entry
        listed = listed.filter(lambda all_: len(all_) > 1 or all_[0].day is not None)
    sections = tuple((heading, draw(listed)) for heading in headings)
    return distinct(Said(OFFICES[language], draw(sentences(language)), sections))


def distinct(said: Said) -> Said:
    """With titles and summaries that no other entry has: what all entries say is no summary."""
    numbers = count(2)
    seen: set[str] = {said.description}

    def once(text: str) -> str:
        while text in seen:
            stop = text[-1] if text[-1] in ".。" else ""
            glue = " " if " " in text else ""  # Thai words stand without spaces
            text = f"{text.removesuffix(stop)}{glue}{next(numbers)}{stop}"
        seen.add(text)
        return text

    sections = tuple(
        (
            name,
            tuple(
                replace(i, title=once(i.title), printed=tuple(map(once, i.printed))) for i in all_
            ),
        )
        for name, all_ in said.sections
    )
    return replace(said, sections=sections)


def in_one(said: Said) -> Said:
    """With the paragraphs of summaries joined, as they are read."""
    sections = (
        (name, tuple(replace(each, printed=(" ".join(each.printed),)) for each in listed))
        for name, listed in said.sections
    )
    return replace(said, sections=tuple(sections))


def as_said(page: Page) -> Said:
    """What was read, in the same form."""
    return Said(
        page.office or "",
        page.description or "",
        tuple(
            (
                section.heading or "",
                tuple(
                    Item(e.kicker, e.title or "", e.date, e.dateline, (e.summary or "",), credit)
                    for e in section.entries
                    for credit in [e.credit.text if e.credit else None]
                ),
            )
            for section in page.sections
        ),
    )


# -- HTML ----------------------------------------------------------------------------------

MENU = ("About us", "Areas of work", "Projects", "Labour standards", "Contact us", "14 April 2015")


@dataclass(frozen=True)
class Style:
    """The tags and classes of a page."""

    listing: str
    item: str
    part: str
    title: str
    classes: dict[str, str]
    wraps: int
    is_reversed: bool

    def tag(self, name: str, role: str, inner: str, **attributes: str) -> str:
        given = [*attributes.items()]
        if role in self.classes:
            given.append(("class", self.classes[role]))
        given.sort(reverse=self.is_reversed)
        said = "".join(f' {key}="{escape(value)}"' for key, value in given)
        return f"<{name}{said}>{inner}</{name}>"

    def wrapped(self, inner: str) -> str:
        return "<div>" * self.wraps + inner + "</div>" * self.wraps


WCMS = {
    "list": "item-list",
    "credit": "caption",
    "kicker": "item-prehead",
    "title": "item-title",
    "date": "item-info",
    "box": "furniture",
}
ROLES = ("list", "item", "credit", "kicker", "title", "date", "summary", "box", "menu")
UNKNOWN = {role: f"q{number} {role[::-1]}" for number, role in enumerate(ROLES)}
CLASSES = st.sampled_from([WCMS, UNKNOWN, {}])


def styles(
    *pairs: tuple[str, str],
    classes: st.SearchStrategy[dict[str, str]] = CLASSES,
) -> st.SearchStrategy[Style]:
    return st.builds(
        lambda pair, *rest: Style(*pair, *rest),
        st.sampled_from(pairs),
        st.sampled_from(["p", "div"]),
        st.sampled_from(["h3", "h5", "p", "div"]),
        classes,
        st.integers(0, 3),
        st.booleans(),
    )


IN_LISTS = styles(("ol", "li"), ("ul", "li"))
# A div without a class is like any other.
ELSEWHERE = styles(("section", "article"), ("div", "article"), ("table", "tr")) | styles(
    ("div", "div"), ("section", "div"), classes=st.just(UNKNOWN)
)


def menu(style: Style, *names: str) -> str:
    links = "".join(f"<li>{style.tag('a', '', escape(name), href='/x')}</li>" for name in names)
    return style.tag("ul", "menu", links)


def as_html(said: Said, style: Style, extra: str = "") -> bytes:
    trail = " &gt; ".join(f'<a href="/{n}">{name}</a>' for n, name in enumerate(MENU[:3]))
    body = [
        "<script>var x = '<li><a>Talks</a><p>1 May 2015</p></li>'</script>",
        menu(style, *MENU),
        f"<div>{trail}</div><h1>{escape(said.office)}</h1><p>{escape(said.description)}</p>",
        *(section_html(heading, listed, style) for heading, listed in said.sections),
        extra,
        f"<h4>Related links</h4>{menu(style, *MENU[2:4])}",
        f"<footer>{menu(style, *MENU[1:3])}<p>© 1996-2015 ILO</p></footer>",
    ]
    return f"<!doctype html><html><body>{''.join(body)}</body></html>".encode()


def section_html(heading: str, listed: tuple[Item, ...], style: Style) -> str:
    entries = "".join(
        style.tag(style.item, "item", style.wrapped(item_html(each, style))) for each in listed
    )
    listing = style.tag(style.listing, "list", entries)
    return style.tag("div", "box", f"<h4>{escape(heading)}</h4>{style.wrapped(listing)}")


def item_html(item: Item, style: Style) -> str:
    return "".join(part_html(role, escape(text), style) for role, text in item.parts)


def card_html(item: Item, style: Style) -> str:
    """The title hidden, kicker, title, summary, date: the order of 2024."""
    hidden = f'<a href="/item"><span>{escape(item.title)}</span></a>'
    parts = {role: f"<p>{escape(text)}</p>" for role, text in item.parts}
    parts["title"] = f"<h3>{escape(item.title)}</h3>"
    parts["summary"] = "".join(f"<p>{escape(text)}</p>" for text in item.printed)
    shown = "".join(parts.get(role, "") for role in ("kicker", "title", "summary", "date"))
    return style.tag(style.item, "item", hidden + style.wrapped(shown))


def part_html(role: str, text: str, style: Style) -> str:
    if role == "title":
        linked = style.tag("a", "", text, href="/item", title="x", id="i")
        return style.tag(style.title, role, linked)
    return style.tag(style.part, role, text)


@few
@given(pages(), IN_LISTS)
def test_a_page_of_lists_reads_as_its_parts(said: Said, style: Style) -> None:
    assert as_said(read_page(as_html(said, style))) == in_one(said)


# Of one date on a page nothing tells how much around it is its entry.
@few
@given(pages(is_dated=True, least=2), ELSEWHERE)
def test_a_page_without_lists_reads_as_its_parts(said: Said, style: Style) -> None:
    assert as_said(read_page(as_html(said, style))) == in_one(said)


def without_credits(said: Said) -> Said:
    sections = (
        (name, tuple(replace(i, credit=None) for i in all_)) for name, all_ in said.sections
    )
    return replace(said, sections=tuple(sections))


@few
@given(pages(is_dated=True, least=2).map(without_credits), ELSEWHERE)
def test_cards_without_known_classes_read_as_their_parts(said: Said, style: Style) -> None:
    groups = (
        f"<h2>{escape(name)}</h2><section>{''.join(card_html(i, style) for i in listed)}</section>"
        for name, listed in said.sections
    )
    page = f"<h1>{escape(said.office)}</h1><p>{escape(said.description)}</p>{''.join(groups)}"
    assert as_said(read_page(page.encode())) == in_one(said)


@few
@given(pages(least=2), IN_LISTS, st.sampled_from(["pdf - 2.1 MB", "A guide for small firms."]))
def test_a_box_whose_items_say_more_than_a_link_is_a_section(
    said: Said, style: Style, more: str
) -> None:
    items = "".join(f'<li><a href="/{name}">{name}</a><p>{more}</p></li>' for name in MENU[:2])
    page = read_page(as_html(said, style, f"<h4>Key resources</h4><ul>{items}</ul>"))
    *_, box = page.sections
    assert len(page.sections) == len(said.sections) + 1
    assert (box.heading, [entry.title for entry in box.entries]) == ("Key resources", [*MENU[:2]])


# -- text ----------------------------------------------------------------------------------


def as_text(said: Said, marker: str) -> bytes:
    blocks = [said.office, said.description]
    for heading, listed in said.sections:
        blocks.append(heading)
        for number, item in enumerate(listed, start=1):
            first, *rest = [text for _, text in item.parts]
            blocks.append(f"  {marker.format(number)} {first}")
            blocks += [f"    {text}" for text in rest]
    return "\n\n".join(blocks).encode()


def as_dashed_text(said: Said) -> bytes:
    lines = [said.office, said.description]
    for heading, listed in said.sections:
        lines.append(heading)
        for item in listed:
            lines += ["-", *(text for _, text in item.parts)]
    return "\n".join(lines).encode()


@few
@given(pages(), st.sampled_from(["{}.", "•"]))
def test_a_text_with_markers_reads_as_its_parts(said: Said, marker: str) -> None:
    assert as_said(read_page(as_text(said, marker))) == in_one(said)


@few
@given(pages(is_dated=True))
def test_a_text_with_dashes_reads_as_its_parts(said: Said) -> None:
    one_list = Said(said.office, said.description, said.sections[:1])
    assert as_said(read_page(as_dashed_text(one_list))) == in_one(one_list)


def plain(said: Said) -> Said:
    """One list without kickers and credits: where no mark is left, they could be anything."""
    heading, listed = said.sections[0]
    bare = tuple(replace(each, kicker=None, credit=None) for each in listed)
    return replace(said, sections=((heading, bare),))


@few
@given(pages(is_dated=True).map(plain).filter(lambda said: said.sections[0][0] in KNOWN))
def test_a_text_of_paragraphs_reads_as_its_parts(said: Said) -> None:
    heading, listed = said.sections[0]
    entries = [text for each in listed for _, text in each.parts]
    text = "\n\n".join([said.office, said.description, heading, *entries])
    assert as_said(read_page(text.encode())) == in_one(said)
