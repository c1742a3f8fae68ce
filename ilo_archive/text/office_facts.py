"""What the description of an office says besides its text: countries, years, former names.

Countries are found by their names alone: countries.json, written by tests/make_countries.py, has
for each language the names of CLDR and of the International Labour Organization in all their
forms, and the longer names of other things ("New Jersey"). Of names that begin at one place the
longest counts. Years and former names are found by the words that lead to them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ilo_archive.text.countries import Country, Span, each_country, find_countries, one_form


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a description.

    `countries` in the order printed, each code once; those in a former name of the office do not
    count. `since`: years in which the office was founded or since which it is at work.
    `renamed`: the date of its present name, "2010-04" or "2010". `announced`: the number of
    countries as the text states it ("ten countries"), which may differ from the names found.
    """

    countries: tuple[Country, ...] = ()
    since: tuple[int, ...] = ()
    former_names: tuple[str, ...] = ()
    renamed: str | None = None
    announced: int | None = None


def parse_description(
    description: str | None, language: str | None, office: str | None = None
) -> Facts:
    """Read a description. `language` is an ISO 639-1 code or "en-US"; a language not known here
    is replaced by the one its script suggests. `office` is the present name: no former name.
    """
    if not description:
        return Facts()
    text = one_form(description)
    low = text.lower()
    spoken = _language(text, language)
    names = list(find_countries(text, spoken))
    former = [
        (start, end)
        for start, end in _former_names(text, low, spoken)
        if not any(a <= start and end <= b for a, b, _ in names)  # Eswatini (formerly Swaziland)
    ]
    served = [name for name in names if not any(a <= name[0] < b for a, b in former)]
    renamed = _renamed(low, spoken) if _YEAR.search(low) else None
    printed = dict.fromkeys(description[start:end] for start, end in former)
    return Facts(
        countries=each_country(description, served),
        since=tuple(_since(low, spoken, renamed[0] if renamed else None)),
        former_names=tuple(name for name in printed if name != office),
        renamed=renamed[1] if renamed else None,
        announced=_announced(low, spoken),
    )


_SCRIPTS = {
    "ja": re.compile("[ぁ-ヿ]"),
    "zh": re.compile("[一-鿿]"),
    "th": re.compile("[ก-๎]"),
    "ar": re.compile("[ء-ي]"),
    "ru": re.compile("[а-яё]"),
}


def _language(text: str, language: str | None) -> str:
    code = (language or "").replace("_", "-").partition("-")[0].lower()
    if code in _WORDS:
        return code
    return next((each for each, letters in _SCRIPTS.items() if letters.search(text)), "en")


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a language, as patterns of lower case.

    `since` and `founded` stand before a year, `at` between the latter and the year; `behind`
    stands behind it. `renamed` is in one clause with the date of the new name; `former` (words
    only) and `called` stand before an old name. `countries` stands behind their number and the
    `counter`; `numbers` are those from 2 on.
    """

    since: str
    founded: str
    at: str
    renamed: str
    former: str
    called: str
    countries: str
    numbers: str
    behind: str = r"(?!)"
    counter: str = ""


_WORDS = {
    "en": _Words(
        since=r"since(?:\s+(?:the\s+year|its\s+\w+\s+in))?",
        founded=r"(?:set\s+up|founded|established|opened|created|inaugurated|dat(?:es|ing)\s+back"
        r"|(?:work|operations|activities)\s+(?:began|started)|start(?:ed|ing)\s+work"
        r"|(?:opened|founding|establishment|creation)(?:\s+of\s+the\s+office)?)"
        r"(?:\s+(?:its\s+doors|(?:an|the|its|this)\s+(?:[\w-]+\s+)?office|here))?"
        r"(?:\s+(?:in|at)\s+[\w'-]+(?:\s+[\w'-]+)?)?",
        at=r"(?:in|on|to|from)(?:\s+the\s+year)?",
        behind=r",?\s+(?:the|an|this|our)\s[^.;]{0,40}\boffice\b[^.;]{0,15}\b"
        r"(?:opened|was\s+(?:set\s+up|founded|established|opened|created))\b",
        renamed=r"renam(?:ed|ing)|(?:new|present|current)\s+(?:name|title)|name\s+(?:was\s+)?"
        r"(?:given|designated|adopted|changed)|changed\s+its\s+name|known\s+as|been\s+called",
        former=(
            r"was called|was known as|formerly|previously|originally|earlier|before that"
            r"|until then|before|once|until|"
            r"renamed from|former name|previous name|old name|former title"
        ),
        called=(
            r",?(?:\s+(?:april\s+)?\d{4},?(?=\s+(?:it|known|called|named)\b))?(?:\s+(?:it\s+)?"
            r"(?:was|had been|is))?(?:\s+also)?(?:\s+(?:known as|called|named|designated(?: as"
            r")?))?(?:\s+the\s+name\s+was)?[,:]?"
        ),
        countries="countries",
        counter=r"(?:[a-z-]+\s+){0,2}",
        numbers="two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen twenty",
    ),
    "fr": _Words(
        since=r"depuis(?:\s+(?:l'année|l'an|sa\s+\w+\s+en))?",
        founded=r"(?:cré|fond|inaugur|install|établi|ouvert|implant|mis\s+en\s+place)\w*"
        r"(?:\s+(?:ses\s+portes|à\s+[\w-]+))?|existe",
        at=r"(?:en|depuis|le|dès)",
        behind=r",?\s+(?:le|ce|un)\s+bureau\b[^.;]{0,25}\b(?:créé|fondé|ouvert|inauguré|établi)",
        renamed=r"renomm|rebaptis|nouve(?:au|lle)\s+(?:nom|appellation|dénomination|désignation)"
        r"|nom\s+actuel|chang\w+\s+de\s+nom|(?:porte|reçu|pris)\s+(?:ce|son|le)\s+nom|s'appelle",
        former=(
            r"s'appelait|anciennement|auparavant|autrefois|précédemment|avant cela"
            r"|jusqu'alors|ancien nom"
            r"|ancienne appellation|ancienne dénomination"
        ),
        called=(
            r",?(?:\s+(?:appelé|dénommé|nommé|connue? sous le nom|désigné)e?)?(?:\s+(?:d[eu]|e"
            r"st|était))?\s*[,:]?"
        ),
        countries="pays",
        counter=r"(?:autres\s+)?",
        numbers="deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze"
        " seize dix-sept dix-huit dix-neuf vingt",
    ),
    "es": _Words(
        since=r"desde(?:\s+(?:el\s+año|su\s+\w+\s+en))?",
        founded=r"(?:fund|cre|estable|inaugur|instal|abier|abri)\w*"
        r"(?:\s+(?:sus\s+puertas|en\s+\w+))?",
        at=r"(?:en(?:\s+el\s+año)?|el)",
        behind=r",?\s+(?:la|esta)\s+oficina\b[^.;]{0,25}\b(?:creada|fundada|abrió|abierta)"
        r"|\s+se\s+(?:fundó|creó|abrió|inauguró|estableció)\s+(?:la|esta|su)\s+oficina",
        renamed=r"renombr|rebautiz|nuev[oa]\s+(?:nombre|denominación)|nombre\s+actual"
        r"|denominación\s+actual|cambi\w+\s+(?:su|de)\s+nombre|pasó\s+a\s+(?:llamarse|denominarse)"
        r"|se\s+llama",
        former=(
            r"antes|anteriormente|antiguamente|previamente|hasta entonces|nombre anterior|nomb"
            r"re antiguo|antiguo nombre|denominación anterior"
        ),
        called=(
            r",?(?:\s+(?:llamad|denominad|conocid)[oa](?: como)?|\s+se (?:llamaba|denominaba)|"
            r"\s+(?:es|era))?\s*[,:]?"
        ),
        countries="países",
        numbers="dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"
        " dieciséis diecisiete dieciocho diecinueve veinte",
    ),
    "pt": _Words(
        since=r"desde(?:\s+(?:o\s+ano\s+de|a?\s*sua\s+\w+\s+em))?",
        founded=r"(?:fundad|criad|estabelecid|inaugurad|instalad|abert|abriu)\w*"
        r"(?:\s+(?:as\s+(?:suas\s+)?portas|em\s+\w+))?",
        at=r"(?:em|no\s+ano\s+de)",
        behind=r",?\s+(?:o|este)\s+escritório\b[^.;]{0,25}\b(?:criado|fundado|aberto|inaugurado)",
        renamed=r"renome|rebatiz|nov[oa]\s+(?:nome|denominação|designação)|nome\s+atual"
        r"|mud\w+\s+de\s+nome|pass\w+\s+a\s+(?:chamar|denominar|designar)",
        former=(
            r"antes|anteriormente|antigamente|previamente|até então|nome anterior|nome antigo|"
            r"antigo nome|antiga designação|antiga denominação"
        ),
        called=(
            r",?(?:\s+(?:chamad|denominad|designad|conhecid)[oa](?: (?:como|por))?|\s+(?:se ch"
            r"amava|era))?\s*[,:]?"
        ),
        countries="países",
        numbers="dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze"
        " dezesseis dezessete dezoito dezenove vinte",
    ),
    "it": _Words(
        since=r"(?:(?:fin\s+|sin\s+)?dal|a\s+partire\s+dal)(?:l'anno)?",
        founded=r"(?:fondat|istituit|costituit|creat|inaugurat|apert|nat)[oaie]"
        r"(?:\s+a\s+\w+)?",
        at=r"(?:nel|il|nell'anno)",
        behind=r",?\s+l'ufficio\b[^.;]{0,25}\b(?:fondato|istituito|aperto|creato|inaugurato)",
        renamed=r"rinomina|ridenomina|ribattezza|nuov[oa]\s+(?:nome|denominazione)|nome\s+attuale"
        r"|cambiato\s+nome|attuale\s+(?:nome|denominazione)",
        former=(
            r"si chiamava|in precedenza|precedentemente|un tempo|prima|già|ex|nome precedente"
            r"|vecchio nome"
            r"|precedente denominazione"
        ),
        called=(r",?(?:\s+(?:chiamat|denominat|conosciut|not)[oa](?: come)?|\s+era)?\s*[,:]?"),
        countries="paesi",
        numbers="due tre quattro cinque sei sette otto nove dieci undici dodici tredici"
        " quattordici quindici sedici diciassette diciotto diciannove venti",
    ),
    "de": _Words(
        since=r"(?:seit(?:\s+(?:dem\s+jahre?|ihrer\s+\w+|seiner\s+\w+))?|bereits\s+seit)",
        founded=r"(?:gegründet|eröffnet|eingerichtet|errichtet|entstanden|gründung)",
        at=r"(?:in|im\s+jahre?|am)?",
        behind=r"(?:\s+in\s+\w+)?\s+(?:\w+\s+)?(?:gegründet|eröffnet|eingerichtet|errichtet"
        r"|entstand)",
        renamed=r"umbenannt|umbenennung|neue[nrs]?\s+(?:name|bezeichnung)|heißt|heutige[nr]?\s+name"
        r"|trägt\s+(?:\w+\s+)*namen",
        former=(
            r"hieß|früher|ehemals|vormals|zuvor|davor|bis dahin|vorher|ehemaliger name|alter name"
        ),
        called=(
            r"(?:er name)?,?(?:\s+(?:bekannt als|hieß (?:es|sie)|genannt|unter dem namen|als|w"
            r"ar))?\s*[,:]?"
        ),
        countries="(?:länder|staaten)n?",
        counter=r"(?:\w+n\s+)?",
        numbers="zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn"
        " fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig",
    ),
    "ru": _Words(
        since=r"(?:начиная\s+)?со?",
        founded=r"(?:основан|создан|открыт|открыл|учрежд[её]н|образован)\w*"
        r"(?:\s+в\s+\w+)?",
        at=r"(?:в|с)",
        behind=r"\s+(?:году|г\.)[^.;]{0,40}?\b(?:основан|создан|открыт|открыл|учрежд[её]н"
        r"|образован)[оаы]?(?:сь|ся)?\b",
        renamed=r"переимен|нов\w+\s+(?:назван|наименован)|нынешн\w+\s+(?:назван|наименован)"
        r"|называ[ею]тся|получил\w*\s+(?:\w+\s+)?назван|носит\s+назван",
        former=(
            r"называлось|называлась|назывался|ранее|прежде|раньше|до этого|до того|прежнее "
            r"|бывшее |старое |прежним |прежние |"
            r"прежнего "
        ),
        called=(
            r"(?:(?<= )(?:названи|наименовани)(?:е|ем|я))?,?(?:\s+(?:называ|имену|именова|изве"
            r"ст|носи)\w*(?:\s+как|\s+название)?)?\s*[-:]?"
        ),
        countries="стран(?:ах|ами|ам|ы)?",
        counter=r"(?:\w+\s+)?",
        numbers="дв\\w+ тр[её]\\w* четыр\\w+ пят[ьи] шест[ьи] сем[ьи] вос[ье]м[ьи] девят[ьи]"
        " десят[ьи] одиннадцат[ьи] двенадцат[ьи] тринадцат[ьи] четырнадцат[ьи] пятнадцат[ьи]"
        " шестнадцат[ьи] семнадцат[ьи] восемнадцат[ьи] девятнадцат[ьи] двадцат[ьи]",
    ),
    "ar": _Words(
        since=r"منذ(?:\s+(?:ال)?(?:عام|سنة))?",
        founded=r"(?:و?ت?[أا]سس\w*|[أا]نشئ\w*|[إا]نشاء\w*|[إا]نشائه|افتتح\w*|تأسيس\w*|إنشاؤه)"
        r"(?:\s+(?:ال)?مكتب\w*)?(?:\s+في\s+[^\W\d]+)?",
        at=r"(?:في\s+)?(?:(?:ال)?عام|(?:ال)?سنة|في)",
        renamed=r"[إا]عادة\s+تسمي|[أا]عيدت\s+تسمي|الاسم\s+الجديد|اسمه\s+الجديد|تغي\w+\s+اسم|سُ?مي"
        r"|الاسم\s+الحالي|اسمه\s+الحالي",
        former=(r"سابق|كان يسمى|كان يعرف باسم|كان اسمه|الاسم السابق|اسمه السابق"),
        called=(r"[اً]{0,2}\s*(?:باسم|:)?"),
        countries=r"(?:دول|بلدان|بلد[اً]{0,2}|دولة)",
        numbers="دولتين ثلاثة? أربعة? خمسة? ستة? سبعة? ثماني?ة? تسعة? عشرة?",
    ),
    "zh": _Words(
        since=r"(?:自从?|从|自从|早在)",
        founded=r"(?:成立|创建|创立|设立|建立|开设|創建|設立)",
        at=r"于?",
        behind=r"\s*年(?:\d+月)?(?:\d+日)?(?:以来|起|在[^，。]{1,8}?(?:成立|设立|创建|开设)"
        r"|正式?(?:成立|设立)|成立|创建|创立|设立|建立|开设|設立)",
        renamed="更名|改名|改称|新名称|现名|改為|现用名",
        former=(r"前身|原名|原称|旧称|曾用名|此前称|以前称|曾称"),
        called=(r"(?:为|是|系)?[:：]?"),
        countries="[国國]",
        counter="[个個]?",
        numbers="[二两] 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十",
    ),
    "ja": _Words(
        since=r"(?!)",
        founded=r"(?:設立|開設|創設|発足)(?:は|年は)?",
        at="",
        behind=r"\s*年(?:\d+月)?(?:\d+日)?(?:以来|以降|から|より|に[^。]{0,20}?(?:設立|開設|創設|発足"
        r"|設置)|設立|開設|創設)",
        renamed="名称変更|改称|改名|新名称|現在の名称|現名称",
        former=(r"旧名称|旧称|前身|以前は|かつては|旧"),
        called=(r"(?:は|:|：)?"),
        countries="国",
        counter="[個か箇カヶケヵ]?",
        numbers="[二両] 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十",
    ),
    "th": _Words(
        since=r"(?:นับ)?ตั้งแต่(?:ปี)?",
        founded=r"(?:ก่อตั้ง|จัดตั้ง|เปิดทำการ|เปิดสำนักงาน|ตั้งสำนักงาน|เปิด)(?:ขึ้น)?(?:\s*ที่กรุงเทพฯ)?",
        at=r"(?:ครั้งแรก)?(?:ใน|เมื่อ)?(?:ปี)?",
        renamed="เปลี่ยนชื่อ|ชื่อใหม่|ชื่อปัจจุบัน",
        former=(r"เดิมชื่อ|ชื่อเดิม|เดิมเรียกว่า|เดิมคือ|เดิมมีชื่อว่า|เดิมใช้ชื่อ"),
        called=(r"(?:คือ|ว่า)?"),
        countries="ประเทศ",
        numbers="สอง สาม สี่ ห้า หก เจ็ด แปด เก้า สิบ สิบเอ็ด สิบสอง สิบสาม สิบสี่ สิบห้า สิบหก สิบเจ็ด"
        " สิบแปด สิบเก้า ยี่สิบ",
    ),
}


_UNSPACED = ("zh", "ja", "th")  # languages without spaces between words


# What an office calls itself; without it "formerly" is about a person, a country, a time.
_KIND = re.compile(
    r"office|bureau|team|centre|center|oficina|equipo|escritório|equipa|equipe|équipe|ufficio"
    r"|centro|correspond|büro|amt\b|vertretung|бюро|групп|команд|офис|представительств|центр"
    r"|مكتب|فريق|مركز|局|处|處|事務所|代表|办公室|小组|チーム|支局|สำนักงาน|ทีม|ศูนย์|sro|dwt|mdt"
)


_ARTICLE = re.compile(
    r"\s*['\"«“”„「『]?\s*(?:(?:the|an?|le|la|les|el|los|o|os|il|lo|der|die|das|als)\s+|l')?"
    r"(?=['\"«“„「『]?(?P<capital>\w))['\"«“„「『]?",
    re.IGNORECASE,
)


# Where a name ends; a comma goes on to a further capital: "for Lesotho, Namibia and Zambia".
_STOP = re.compile(
    r"[;:()\[\].!?»”“\"。；，、」』]|\s-\s|$"
    r"|,(?!\s+(?:[A-ZÀ-ÝА-Я][\w'-]*)(?:\s+(?:and|et|y|e|und|и|[A-ZÀ-ÝА-Я][\w'-]*))*\s*(?:[,;.)]|$))"
    r"|،|\s(?:until|till|which|that|was|is|has|had|and\s+(?:was|is|it|has|renamed)|before|since"
    r"|jusqu\w*|hasta|até|fino|bis|wurde|до|котор\w+|qui|que|che|und\s+wurde|i?[nm]\s+\d{4}"
    r"|قبل|حتى|وتغير|وقد|ثم|เปลี่ยน\S*|ซึ่ง|จนถึง|และเปลี่ยน\S*)(?!\w)|から|まで|(?:でした"
    r"|であった|と称|という|更名|改称)"
)


def _former_names(text: str, low: str, language: str) -> Iterator[Span]:
    patterns = _patterns(language)
    for word in patterns.former.finditer(low):
        lead = patterns.called.match(low, word.start())
        article = _ARTICLE.match(text, lead.end()) if lead else None
        if article and not article["capital"].islower():
            start = article.end()
            stop = _STOP.search(text, start)
            end = len(text[: stop.start() if stop else None].rstrip(" '-"))
            if _KIND.search(low, start, end):
                yield start, end


_YEAR = re.compile(r"\d{4}(?<!\d\d{4})(?!\d)")


# Not in "Sept. 2010" and "พ.ศ. 2553".
_CLAUSE_END = re.compile(r"[;()!?。；]|\.(?=\s+(?!\d)|$)")


# The International Labour Organization itself is of 1919; its first offices are of 1920.
_FIRST, _LAST = 1920, 2100


_MEMBER = re.compile(
    r"member|membre|miembro|membro|membri|mitglied|член|عضو|成员|成員|会员|加盟|สมาชิก|ratif|joined"
)


_DAY_AND_MONTH = (
    r"(?:\d{1,2}(?:st|nd|rd|th|er|º|\.)?\s+)?(?:(?:de|of)\s+)?(?:[^\W\d]{3,}\.?\s+"
    r"(?:\d{1,2},\s+)?)?(?:(?:de|del|do\s+ano\s+de)\s+)?(?:(?:พ|ค)\.ศ\.\s*)?"
)


@dataclass(frozen=True, slots=True)
class _Patterns:
    before: re.Pattern[str]
    behind: re.Pattern[str]
    renamed: re.Pattern[str]
    former: re.Pattern[str]
    called: re.Pattern[str]
    countries: re.Pattern[str]
    number: re.Pattern[str]


@cache
def _patterns(language: str) -> _Patterns:
    words = _WORDS[language]
    edge = "" if language in _UNSPACED else r"(?<!\w)"
    gap = r"\s*" if not edge else r"\s+"
    numbers = "|".join(f"(?P<n{n}>{word})" for n, word in enumerate(words.numbers.split(), 2))
    begin = r"(?<![\w.,])" if edge else r"(?<![\d.,一二三四五六七八九十])"
    return _Patterns(
        re.compile(
            rf"{edge}(?:(?:{words.since}){gap}|(?:{words.founded})\s*(?:{words.at}){gap})"
            rf"{_DAY_AND_MONTH}$"
        ),
        re.compile(words.behind),
        re.compile(rf"{edge}(?:{words.renamed})"),
        re.compile(words.former),
        re.compile((r"(?<!\w)" if edge else "") + rf"(?:{words.former})(?:{words.called})"),
        re.compile(words.countries + (r"(?!\w)" if edge else "")),
        re.compile(rf"{begin}(?:(?P<digits>\d{{1,2}})|{numbers}){gap}{words.counter}$"),
    )


def _since(text: str, language: str, renaming: int | None) -> Iterator[int]:
    """The years in which the office began, without the one that starts at `renaming`."""
    patterns = _patterns(language)
    seen = set()
    for match in _YEAR.finditer(text):
        year = _gregorian(int(match[0]))
        if match.start() == renaming or not _FIRST <= year <= _LAST or year in seen:
            continue
        window = text[max(0, match.start() - 75) : match.start() + 1]  # to the first digit
        before = _CLAUSE_END.split(window)[-1][:-1]
        leads = patterns.before.search(before) or patterns.behind.match(text, match.end())
        if leads and not _MEMBER.search(before, before.rfind(",") + 1):
            seen.add(year)
            yield year


def _gregorian(year: int) -> int:
    """A year of the Buddhist era (in Thailand 2502 is 1959) as one of ours."""
    return year - 543 if 2400 <= year <= 2600 else year


@cache
def _months(language: str) -> tuple[re.Pattern[str], Mapping[str, int]]:
    """A month that ends before a year, and the numbers of the months. In Russian by their stems:
    "в апреле" is in no list of CLDR.
    """
    table = json.loads(Path(__file__).with_name("months.json").read_text("utf-8"))
    names = {
        re.sub("[ьяй]$", "", name.lower()) if language == "ru" else name.lower(): number
        for number, forms in enumerate(table[language]["months"], start=1)
        for name in forms
    }
    months = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    ending = "[ьяйеюи]?" if language == "ru" else ""
    edge = "" if language in _UNSPACED else r"(?<!\w)"
    return (
        re.compile(
            rf"{edge}(?P<month>{months}){ending}\.?\s+(?:\d{{1,2}},?\s+)?"
            r"(?:(?:de|del|of|عام|سنة)\s+)?(?:[พค]\.ศ\.\s*)?$"
        ),
        names,
    )


_NUMBERED_MONTH = re.compile(r"\s*年\s*(\d{1,2})\s*月")


def _renamed(text: str, language: str) -> tuple[int, str] | None:
    """Where the year of the renaming stands, and its date."""
    word = _patterns(language).renamed.search(text)
    if not word:
        return None
    ends = [end.start() for end in _CLAUSE_END.finditer(text)]
    start = max((end for end in ends if end < word.start()), default=0)
    stop = min((end for end in ends if end >= word.end()), default=len(text))
    years = _YEAR.finditer(text, start, stop)
    year = min(years, key=lambda each: _distance(each, word), default=None)
    if year is None:
        return None
    date = f"{_gregorian(int(year[0])):04}"
    month = _month(text, year, language)
    return year.start(), f"{date}-{month:02}" if 1 <= month <= 12 else date


def _month(text: str, year: re.Match[str], language: str) -> int:
    """The month that is printed with a year, or 0."""
    if number := _NUMBERED_MONTH.match(text, year.end()):
        return int(number[1])
    pattern, months = _months(language)
    named = pattern.search(text[max(0, year.start() - 30) : year.start()])
    return months[named["month"]] if named else 0


def _distance(year: re.Match[str], word: re.Match[str]) -> int:
    return max(year.start() - word.end(), word.start() - year.end())


_ABOUT = re.compile(
    r"(?:more\s+than|over|some|about|almost|nearly|other|plus\s+de|environ|más\s+de|mais\s+de"
    r"|più\s+di|oltre|mehr\s+als|über|более|свыше|около|أكثر\s+من|超过|多于|กว่า|มากกว่า)\s*$"
)


_MOST = 60  # no region of the ILO has more countries; larger numbers are of all its members


def _announced(text: str, language: str) -> int | None:
    patterns = _patterns(language)
    for noun in patterns.countries.finditer(text):
        before = text[max(0, noun.start() - 45) : noun.start()]
        match = patterns.number.search(before)
        if match and not _ABOUT.search(before[: match.start()]):
            word = match.lastgroup or ""
            number = int(match[word]) if word == "digits" else int(word[1:])
            if 0 < number <= _MOST:
                return number
    return None
