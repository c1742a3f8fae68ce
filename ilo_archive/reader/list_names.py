"""The names of lists and of what stands at the foot of a page, in the languages of the offices."""

import re

_FOOT = re.compile(
    r"©|(?:(?:page )?last )?(?:updated|modified|revised)\b|derni[eè]re mise à jour|mise à jour"
    r"|[úu]ltima (?:actualización|atualização|modificación)|ultimo aggiornamento|letzte änderung"
    r"|(?:последнее )?обновлен[оие]",
    re.IGNORECASE,
)

_LIST_NAME = re.compile(
    r"(?:latest |other )?news(?: and articles| ?room)?|latest|what[’']?s new|highlights"
    r"|press ?(?:releases|room|archive)|communiqués de presse|comunicados(?: de prensa)?"
    r"|pressemitteilungen|пресс-релизы|events(?: (?:&|and) meetings)?|in focus|publications"
    r"|actualités?|nouvelles|à la une|événements|noticias|novedades|eventos(?: y reuniones)?"
    r"|publicaciones|notícias|destaques|publicações|notizie|novità|eventi|pubblicazioni"
    r"|comunicati stampa|aktuell(?:es)?|neuigkeiten|veranstaltungen|veröffentlichungen"
    r"|новости|что нового|мероприятия|публикации|الأخبار|أخبار|الفعاليات"
    r"|最新消息|新闻|最新ニュース|新着情報|お知らせ|ข่าว|กิจกรรม",
    re.IGNORECASE,
)
_NOTICE = re.compile(r"(?:©|\(c\))\s*(?:19|20)\d\d|copyright", re.IGNORECASE)


def is_foot(text: str) -> bool:
    """Whether a line is what the foot of a hand-made page says, which may follow the last entry."""
    return bool(_FOOT.match(text))


def is_list_name(text: str) -> bool:
    """Whether a heading is that of a list, "News", which may stand where a name or a kicker may."""
    return bool(_LIST_NAME.fullmatch(text))


def names_office(text: str) -> bool:
    """Whether a heading can be the name of an office: no list's name, and of three words or more
    one below the first has a capital ("Forced labour and slavery" is a topic).
    """
    if is_list_name(text):
        return False
    words = re.findall(r"[^\W\d_][\w’'-]*", text)
    has_case = any(word.upper() != word.lower() for word in words)
    return len(words) < 3 or not has_case or any(_has_capital(word) for word in words[1:])


def _has_capital(word: str) -> bool:
    return word.rpartition("’")[2][:1].isupper() or word[:1].isupper()


def is_notice(text: str) -> bool:
    """Whether a line begins as a notice of rights does."""
    return text[:1] in "©cC(" and bool(_NOTICE.match(text))
