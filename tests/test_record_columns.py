"""Which line of a record is its title and which its date, where several could be."""

from __future__ import annotations

from datetime import date

import pytest

from ilo_archive.reader.page import read_page

Said = list[tuple[str | None, date | None, str | None]]


def said(body: str) -> Said:
    page = read_page(f"<meta charset=utf-8><body><h1>Harbour Office</h1>{body}".encode())
    return [(entry.title, entry.date, entry.link) for _, entry in page.entries]


def table(head: str, *rows: str) -> str:
    names = "".join(f"<th>{name}" for name in head.split("|"))
    cells = ("".join(f"<td>{cell}" for cell in row.split("|")) for row in rows)
    return f"<table><thead><tr>{names}</thead>{''.join(f'<tr>{row}' for row in cells)}</table>"


@pytest.mark.parametrize("names", ["{}.pdf", "{}-minutes.docx"])
def test_file_names_are_no_titles(names: str) -> None:
    files = [names.format(name) for name in ("2018_07", "June_19", "March_27")]
    found = said(
        table(
            "Date|Description|Attachments",
            f'Jul 17, 2018|July 17 Regular meeting|<a href="/a">{files[0]}</a>',
            f'Jun 19, 2018|June 19 Regular meeting|<a href="/b">{files[1]}</a>',
            f'Mar 27, 2018|March 27 Regular meeting|<a href="/c">{files[2]}</a>',
        )
    )
    assert found == [
        ("July 17 Regular meeting", date(2018, 7, 17), "/a"),
        ("June 19 Regular meeting", date(2018, 6, 19), "/b"),
        ("March 27 Regular meeting", date(2018, 3, 27), "/c"),
    ]


_MORE = (
    "or that a company pays in which the member or a cousin of the member has a share of a tenth",
    "where the vote is on the hours of the pilots, who are asked before it and may then protest",
    "after the year in which the harbour burned and nobody was left who had ever counted a ship",
)


@pytest.mark.parametrize(
    "codes", [("15-1202", "15-1201", "15-1103"), ("No. 81", "No. 96", "No. 107")]
)
def test_a_linked_code_is_the_title_where_all_else_is_prose(codes: tuple[str, ...]) -> None:
    asked = (
        "May a member of the board of a harbour vote on the dues that the member's own ships pay "
    )
    rows = [
        f'<a href="/{n}">{code}</a>|{asked}{more}?|{more} {asked * 2}.|0{n}/20/2016'
        for n, (code, more) in enumerate(zip(codes, _MORE, strict=True), start=1)
    ]
    found = said(table("Opinion|Question|Conclusion|Issued", *rows))
    assert [(title, link) for title, _, link in found] == [
        (code, f"/{n}") for n, code in enumerate(codes, start=1)
    ]


def test_a_linked_code_beside_short_texts_is_no_title() -> None:
    found = said(
        table(
            "Number|Caption|Issued",
            '<a href="/1">15-1202</a>|Lanterns for the harbour|01/30/2016',
            '<a href="/2">15-1201</a>|Two ferries repaired|02/28/2016',
            '<a href="/3">15-1103</a>|Call for night pilots|03/30/2016',
        )
    )
    assert [title for title, _, _ in found] == [
        "Lanterns for the harbour",
        "Two ferries repaired",
        "Call for night pilots",
    ]


@pytest.mark.parametrize("code", ["SC20733", "AC-1042"])
def test_a_code_and_a_word_are_not_a_whole_title(code: str) -> None:
    found = said(
        f'<ul><li><a href="/1">{code}</a> - Middlebury v. Harbour Lodge No. 34 (4 May 2021)</li>'
        f'<li><a href="/2">{code} Dissent</a> - Ahmed v. Oak Wharf (3 May 2021)</li>'
        f'<li><a href="/3">{code}</a> - Quay Authority v. Vessel Owners (2 May 2021)</li></ul>'
    )
    assert [title for title, _, _ in found] == [
        f"{code} - Middlebury v. Harbour Lodge No. 34",
        f"{code} Dissent - Ahmed v. Oak Wharf",
        f"{code} - Quay Authority v. Vessel Owners",
    ]


@pytest.mark.parametrize("note", ["Public version posted 08/24/2014.", "Corrected 08/24/2014"])
def test_a_date_below_the_title_of_some_is_not_that_of_the_column(note: str) -> None:
    rows = [
        f'<a href="/{n}">Harbour {name} v. Wharf</a>{n % 2 * f"<br><em>{note}</em>"}|07/2{n}/2014'
        for n, name in enumerate(("Board", "Lodge", "Union", "Bank", "Mill", "Yard", "Inn"))
    ]
    dates = [day for _, day, _ in said(table("Caption|Date", *rows))]
    assert dates == [date(2014, 7, 20 + n) for n in range(7)]


@pytest.mark.parametrize("item", ["<div>{}</div>", "<p>{}</p>"])
def test_a_title_stays_the_topmost_where_a_note_below_it_is_missing(item: str) -> None:
    notes = ["N3319116", "", "N4410023", "N5510424"]
    rows = [
        f'<a href="/{n}">{item.format(title)}{item.format(note)}{item.format(f"{n} -- Hardware")}'
        f"</a>|Dec 0{n + 1}, 2015"
        for n, (title, note) in enumerate(
            zip(
                ["Custodial services", "Seals, plain", "Dump trucks", "Trailers"],
                notes,
                strict=True,
            )
        )
    ]
    titles = [title for title, _, _ in said(table("Opportunity|Posted", *rows))]
    assert titles == ["Custodial services", "Seals, plain", "Dump trucks", "Trailers"]


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("1 May 2019: Sewage committee (SAC)", "Sewage committee (SAC)"),
        ("Sewage committee (SAC), 1 May 2019", "Sewage committee (SAC)"),
        ("Sewage committee (1 May 2019)", "Sewage committee"),
    ],
)
def test_a_bracket_of_the_title_stays(printed: str, title: str) -> None:
    more = printed.replace("Sewage", "Mining"), printed.replace("Sewage", "Air")
    found = said("<ul>" + "".join(f"<li>{each}</li>" for each in (printed, *more)) + "</ul>")
    assert found[0][0] == title
