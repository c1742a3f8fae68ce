"""Write ilo_archive/text/countries.json: the names of countries as CLDR has them, and as printed.

`python tools/make_countries.py [FILE]` renews the data. Babel, which carries CLDR, is needed here
and not at run time. CLDR has the nominative of one short name; the declined forms, the names of
the International Labour Organization and the names of the past are added here.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel import localedata

COUNTRIES = Path(__file__).parent.parent / "ilo_archive" / "text" / "countries.json"

# Beside each language the regions whose names differ: "Vietname", "Myanmar", 紐西蘭.
LOCALES = {
    "en": ("en", "en_GB"),
    "fr": ("fr", "fr_CA"),
    "es": ("es", "es_419", "es_MX"),
    "pt": ("pt", "pt_PT"),
    "it": ("it",),
    "de": ("de", "de_AT", "de_CH"),
    "ru": ("ru",),
    "ar": ("ar", "ar_LB", "ar_SA"),
    "zh": ("zh", "zh_Hant"),
    "ja": ("ja",),
    "th": ("th",),
}
# In CLDR and not in ISO 3166-1: islands, groups of states and test locales. XK stays: ISO leaves
# it to the user, and no other code means Kosovo.
NOT_ISO = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ")
)

# As the ILO prints them, as they were, and what CLDR has under another key only ("Turkey").
EXTRA: dict[str, dict[str, str]] = {
    "en": {
        "MM": "Burma",
        "BA": "Bosnia-Herzegovina",
        "CW": "Curacao",
        "RE": "Reunion",
        "ST": "Sao Tome and Principe|Sao Tome & Principe",
        "BN": "Brunei Darussalam",
        "BO": "Bolivia (Plurinational State of)|Plurinational State of Bolivia",
        "BY": "Byelorussia",
        "CD": "Democratic Republic of the Congo|Democratic Republic of Congo|DR Congo|DRC"
        "|Congo (Democratic Republic of the)|Congo, Democratic Republic of the",
        "CG": "Congo|Republic of the Congo|Republic of Congo",
        "CI": "Ivory Coast",
        "CN": "People's Republic of China",
        "CV": "Cabo Verde",
        "CZ": "Czech Republic",
        "FM": "Federated States of Micronesia|Micronesia (Federated States of)",
        "GB": "Great Britain|United Kingdom of Great Britain and Northern Ireland|UK",
        "GM": "The Gambia",
        "GN": "Guinea-Conakry",
        "GW": "Guinea Bissau",
        "HK": "Hong Kong|Hong Kong, China|Hong Kong (China)|Hong Kong SAR",
        "IR": "Iran (Islamic Republic of)|Islamic Republic of Iran|Iran, Islamic Republic of",
        "KG": "Kyrgyz Republic|Kirghizia|Kyrgyz Rep.",
        "KP": "Democratic People's Republic of Korea|DPR Korea|DPRK",
        "KR": "Republic of Korea|Korea, Republic of|Korea (Republic of)|Korea",
        "LA": "Lao People's Democratic Republic|Lao PDR|Lao P.D.R.|Lao People’s Dem. Rep.",
        "MD": "Republic of Moldova|Moldova (Republic of)|Moldova, Republic of",
        "MK": "former Yugoslav Republic of Macedonia|Former Yugoslav Republic of Macedonia"
        "|FYR Macedonia|FYROM|The former Yugoslav Republic of Macedonia|Macedonia",
        "MO": "Macao|Macau|Macao, China|Macao (China)",
        "PS": "Occupied Palestinian Territory|occupied Palestinian territory|Palestine"
        "|Occupied Palestinian Territories|State of Palestine|oPt|OPT",
        "RU": "Russian Federation",
        "SY": "Syrian Arab Republic",
        "SZ": "Swaziland",
        "TL": "East Timor",
        "TR": "Turkey",
        "TW": "Taiwan, China|Taiwan (China)",
        "TZ": "United Republic of Tanzania|Tanzania, United Republic of"
        "|Tanzania (United Republic of)",
        "UA": "the Ukraine",
        "US": "United States of America|USA",
        "AE": "UAE",
        "VA": "Holy See",
        "VE": "Venezuela (Bolivarian Republic of)|Bolivarian Republic of Venezuela",
        "VN": "Viet Nam",
    },
    "fr": {
        "MM": "Birmanie",
        "HK": "Hong Kong",
        "BN": "Brunéi Darussalam|Brunei Darussalam|Brunei",
        "BY": "Bélarus|Belarus|Biélorussie",
        "CD": "République démocratique du Congo|RD Congo|RDC",
        "CG": "Congo|République du Congo",
        "CV": "Cabo Verde",
        "CZ": "République tchèque",
        "GB": "Grande-Bretagne",
        "IR": "République islamique d'Iran|Iran (République islamique d')",
        "KG": "République kirghize|Kirghizstan|Kirghizistan",
        "KP": "République populaire démocratique de Corée",
        "KR": "République de Corée|Corée",
        "LA": "République démocratique populaire lao|RDP lao",
        "MD": "République de Moldova|République de Moldavie|Moldova",
        "MK": "ex-République yougoslave de Macédoine|Macédoine",
        "MU": "Maurice",
        "PS": "Territoire palestinien occupé|Palestine",
        "RU": "Fédération de Russie|Fédération russe",
        "SY": "République arabe syrienne",
        "SZ": "Swaziland",
        "TL": "Timor-Leste",
        "TR": "Türkiye",
        "TZ": "République-Unie de Tanzanie|République unie de Tanzanie",
        "US": "États-Unis d'Amérique",
        "VN": "Vietnam|Viet Nam|Viêtnam",
    },
    "es": {
        "MM": "Birmania",
        "HK": "Hong Kong",
        "BN": "Brunéi Darussalam|Brunei Darussalam",
        "BO": "Estado Plurinacional de Bolivia|Bolivia (Estado Plurinacional de)",
        "BY": "Belarús|Bielorrusia",
        "CD": "República Democrática del Congo",
        "CG": "Congo|República del Congo",
        "CZ": "República Checa",
        "GB": "Gran Bretaña",
        "IR": "República Islámica del Irán|República Islámica de Irán",
        "KG": "República Kirguisa|Kirguistán|Kirguizistán",
        "KP": "República Popular Democrática de Corea",
        "KR": "República de Corea|Corea",
        "LA": "República Democrática Popular Lao",
        "MD": "República de Moldova",
        "MK": "ex República Yugoslava de Macedonia|Macedonia",
        "PS": "Territorio Palestino Ocupado|Palestina",
        "RU": "Federación de Rusia|Federación Rusa",
        "SY": "República Árabe Siria",
        "SZ": "Swazilandia|Suazilandia|Eswatini",
        "TR": "Türkiye",
        "TZ": "República Unida de Tanzania|Tanzanía",
        "US": "Estados Unidos de América|EE.UU.|EE. UU.",
        "VE": "República Bolivariana de Venezuela",
        "VN": "Viet Nam",
        "ZW": "Zimbabwe",
        "BW": "Botswana",
        "KE": "Kenya",
    },
    "pt": {
        "MM": "Birmânia",
        "HK": "Hong Kong",
        "BY": "Belarus|Bielorrússia",
        "CD": "República Democrática do Congo|RD Congo",
        "CG": "Congo|República do Congo",
        "CI": "Côte d'Ivoire",
        "CZ": "República Tcheca|República Checa",
        "GB": "Grã-Bretanha",
        "GW": "Guiné Bissau",
        "KG": "República do Quirguistão|Quirguizistão|Quirguízia",
        "KR": "República da Coreia|Coreia",
        "KP": "República Popular Democrática da Coreia",
        "LA": "República Democrática Popular do Laos",
        "MD": "República da Moldávia|República da Moldova|Moldova",
        "MK": "Macedônia|Macedónia",
        "PS": "Palestina|Território Palestino Ocupado",
        "RU": "Federação Russa|Federação da Rússia",
        "SZ": "Suazilândia|Eswatini",
        "TL": "Timor Leste",
        "TR": "Türkiye",
        "TZ": "República Unida da Tanzânia",
        "US": "Estados Unidos da América|EUA",
        "VN": "Vietname|Viet Nam",
    },
    "it": {
        "MM": "Birmania",
        "HK": "Hong Kong",
        "BY": "Belarus|Bielorussia",
        "CD": "Repubblica Democratica del Congo|Repubblica democratica del Congo",
        "CG": "Congo|Repubblica del Congo",
        "CI": "Côte d'Ivoire",
        "CV": "Cabo Verde",
        "CZ": "Repubblica Ceca|Repubblica ceca",
        "GB": "Gran Bretagna",
        "KR": "Repubblica di Corea|Corea",
        "MD": "Repubblica di Moldova|Repubblica Moldova|Moldova",
        "MK": "Macedonia|ex Repubblica jugoslava di Macedonia",
        "PS": "Palestina|Territorio palestinese occupato",
        "RU": "Federazione Russa|Federazione russa",
        "SZ": "Swaziland",
        "TL": "Timor-Leste",
        "TR": "Türkiye",
        "US": "Stati Uniti d'America|USA",
        "VN": "Viet Nam",
    },
    "de": {
        "MM": "Birma|Burma",
        "HK": "Hongkong",
        "BY": "Weißrussland|Weissrussland|Belarus",
        "CD": "Demokratische Republik Kongo|DR Kongo",
        "CG": "Republik Kongo|Kongo",
        "CI": "Elfenbeinküste",
        "CV": "Kap Verde",
        "CZ": "Tschechische Republik",
        "GB": "Großbritannien",
        "IR": "Islamische Republik Iran",
        "KG": "Kirgistan|Kirgisien|Kirgisische Republik|Kirgisistan",
        "KR": "Republik Korea|Korea",
        "MD": "Moldau|Moldawien|Republik Moldova",
        "MK": "Mazedonien|ehemalige jugoslawische Republik Mazedonien",
        "PS": "Palästina|Besetztes Palästinensisches Gebiet",
        "RU": "Russische Föderation",
        "SY": "Arabische Republik Syrien",
        "SZ": "Swasiland",
        "TL": "Osttimor",
        "TR": "Türkiye",
        "TZ": "Vereinigte Republik Tansania",
        "US": "Vereinigte Staaten von Amerika|USA",
        "VN": "Viet Nam",
    },
    "ru": {
        "MM": "Бирма",
        "AE": "Объединенные Арабские Эмираты|Объединённые Арабские Эмираты",
        "BN": "Бруней-Даруссалам",
        "BY": "Белоруссия|Республика Беларусь",
        "CD": "Демократическая Республика Конго",
        "CF": "Центральноафриканская Республика",
        "CG": "Республика Конго|Конго",
        "CN": "Китайская Народная Республика|КНР",
        "CZ": "Чешская Республика",
        "GB": "Соединенное Королевство|Соединённое Королевство",
        "IR": "Исламская Республика Иран",
        "KG": "Кыргызстан|Кыргызская Республика|Киргизская Республика|Киргизстан",
        "KP": "Корейская Народно-Демократическая Республика|Северная Корея",
        "KR": "Южная Корея|Корея",
        "KZ": "Республика Казахстан",
        "LA": "Лаосская Народно-Демократическая Республика",
        "AM": "Республика Армения",
        "AZ": "Азербайджанская Республика",
        "MD": "Республика Молдова|Молдавия",
        "MK": "Македония|бывшая югославская Республика Македония",
        "PS": "Палестина|Оккупированная палестинская территория",
        "RU": "Российская Федерация|РФ",
        "SY": "Сирийская Арабская Республика",
        "SZ": "Свазиленд|Королевство Эсватини",
        "TJ": "Республика Таджикистан",
        "TL": "Тимор-Лешти",
        "TM": "Туркмения",
        "TZ": "Объединенная Республика Танзания",
        "US": "США|Соединенные Штаты Америки|Соединённые Штаты Америки|Соединённые Штаты",
        "UZ": "Республика Узбекистан",
        "ZA": "Южная Африка|ЮАР",
    },
    "ar": {
        "MM": "بورما",
        "AE": "الإمارات",
        "BH": "مملكة البحرين",
        "BY": "بيلاروسيا",
        "CD": "جمهورية الكونغو الديمقراطية",
        "CG": "الكونغو|جمهورية الكونغو",
        "CI": "كوت ديفوار",
        "DK": "الدنمارك",
        "HK": "هونغ كونغ",
        "IR": "جمهورية إيران الإسلامية",
        "KG": "قيرغيزيا",
        "KM": "القمر المتحدة",
        "KR": "جمهورية كوريا",
        "KZ": "كازخستان",
        "MD": "جمهورية مولدوفا",
        "OM": "سلطنة عُمان|سلطنة عمان|عمان",
        "PS": "فلسطين|الأرض الفلسطينية المحتلة|الأراضي الفلسطينية المحتلة|دولة فلسطين",
        "RU": "الاتحاد الروسي",
        "SA": "السعودية",
        "SY": "الجمهورية العربية السورية|سورية",
        "SZ": "سوازيلاند|إسواتيني",
        "TR": "تركية",
        "TZ": "جمهورية تنزانيا المتحدة",
        "US": "الولايات المتحدة الأمريكية|أمريكا",
        "VN": "فييت نام",
        "YE": "الجمهورية اليمنية",
    },
    "zh": {
        "AE": "阿联酋",
        "BY": "白俄罗斯共和国",
        "CD": "刚果民主共和国",
        "CG": "刚果共和国|刚果",
        "CN": "中华人民共和国",
        "HK": "香港|香港特别行政区|中国香港",
        "ID": "印尼",
        "IR": "伊朗伊斯兰共和国",
        "KG": "吉尔吉斯共和国",
        "KP": "朝鲜民主主义人民共和国|北朝鲜",
        "KR": "大韩民国",
        "LA": "老挝人民民主共和国",
        "MD": "摩尔多瓦共和国",
        "MK": "马其顿|前南斯拉夫马其顿共和国",
        "MO": "澳门|澳门特别行政区|中国澳门",
        "PS": "巴勒斯坦|巴勒斯坦被占领土",
        "RU": "俄罗斯联邦|俄国",
        "SY": "阿拉伯叙利亚共和国",
        "SZ": "斯威士兰王国",
        "TR": "土耳其共和国",
        "TW": "中国台湾",
        "TZ": "坦桑尼亚联合共和国",
        "US": "美利坚合众国",
    },
    "ja": {
        "MM": "ビルマ",
        "BY": "白ロシア",
        "CD": "コンゴ民主共和国",
        "CG": "コンゴ共和国|コンゴ",
        "CN": "中華人民共和国",
        "GB": "英国",
        "GE": "グルジア",
        "HK": "香港",
        "IR": "イラン・イスラム共和国",
        "KG": "キルギスタン|キルギス共和国",
        "KP": "朝鮮民主主義人民共和国",
        "KR": "大韓民国",
        "LA": "ラオス人民民主共和国",
        "MD": "モルドバ共和国",
        "MK": "マケドニア",
        "PS": "パレスチナ|パレスチナ被占領地",
        "RU": "ロシア連邦",
        "SY": "シリア・アラブ共和国",
        "SZ": "スワジランド",
        "TL": "ティモール・レステ",
        "US": "米国|アメリカ",
        "VN": "ヴェトナム|ベトナム社会主義共和国",
    },
    "th": {
        "MM": "พม่า",
        "CG": "คองโก",
        "CD": "สาธารณรัฐประชาธิปไตยคองโก",
        "HK": "ฮ่องกง",
        "CN": "สาธารณรัฐประชาชนจีน",
        "IR": "สาธารณรัฐอิสลามอิหร่าน",
        "KR": "สาธารณรัฐเกาหลี",
        "KP": "สาธารณรัฐประชาธิปไตยประชาชนเกาหลี",
        "LA": "สปป.ลาว|สปป. ลาว|สปป ลาว|สาธารณรัฐประชาธิปไตยประชาชนลาว",
        "PS": "ปาเลสไตน์",
        "RU": "สหพันธรัฐรัสเซีย",
        "SZ": "สวาซิแลนด์",
        "TL": "ติมอร์ตะวันออก|ติมอร์-เลสเต|ติมอร์เลสเต",
        "TR": "ทูร์เคีย",
        "BN": "บรูไนดารุสซาลาม",
        "VN": "สาธารณรัฐสังคมนิยมเวียดนาม",
    },
}

# Longer names of something else: cities, seas, rivers, states of a federation, groups of states.
NO_COUNTRY = {
    "en": "Mexico City|Guatemala City|Panama City|Kuwait City|Djibouti City|New Mexico|New Jersey"
    "|Jersey City|Northern Ireland|New Guinea|Gulf of Guinea|Gulf of Oman|Gulf of Mexico"
    "|Indo-China|South China Sea|East China Sea|Sea of Japan|Panama Canal|Niger Delta|Niger River"
    "|River Niger|Jordan River|River Jordan|Jordan Valley|Lake Malawi|Lake Chad|Lake Chad Basin"
    "|Atlanta, Georgia|State of Georgia|Georgia Tech|New England|New South Wales"
    "|Inner Mongolia|Strait of Gibraltar"
    "|East India Company|Port of Spain",
    "fr": "Nouveau-Mexique|Nouvelle-Guinée|golfe de Guinée|Golfe de Guinée|Irlande du Nord"
    "|New Jersey|delta du Niger|fleuve Niger|lac Tchad|mer de Chine|Nouveau Mexique|Mexico"
    "|Port-d'Espagne|Port d'Espagne",
    "es": "Ciudad de México|Ciudad de Guatemala|Ciudad de Panamá|Ciudad de Kuwait|México, D.F."
    "|México D.F.|México DF|Nuevo México|Nueva Guinea|Golfo de México|Golfo de Guinea"
    "|Canal de Panamá|Puerto España|Irlanda del Norte|Nueva Jersey|Estado de México",
    "pt": "Cidade do México|Cidade da Guatemala|Cidade do Panamá|Cidade do Kuwait|Novo México"
    "|Nova Guiné|Golfo do México|Golfo da Guiné|Irlanda do Norte|Nova Jersey|Canal do Panamá"
    "|Porto de Espanha|Porto Espanha",
    "it": "Città del Messico|Città di Panama|Città del Guatemala|Nuovo Messico|Nuova Guinea"
    "|Golfo di Guinea|Golfo del Messico|Irlanda del Nord|New Jersey|Canale di Panama",
    "de": "Mexiko-Stadt|Guatemala-Stadt|Panama-Stadt|Kuwait-Stadt|Golf von Guinea|New Jersey"
    "|Golf von Mexiko|Golf von Oman|Neuguinea|New Mexico|Panama-Kanal",
    "ru": "Того же|Северная Ирландия|Северной Ирландии|Северную Ирландию|Новая Гвинея"
    "|Новой Гвинее|Новой Гвинеи|штат Джорджия|Внутренняя Монголия|Внутренней Монголии"
    "|Кувейт-Сити",
    "ar": "المغرب العربي|نهر الأردن|بحر الصين|خليج عمان|خليج غينيا|مدينة الكويت|في عمان"
    "|العاصمة عمان|عمان، الأردن|بعمان|العاصمة الأردنية عمان|مدينة تونس|مدينة الجزائر"
    "|أيرلندا الشمالية|وادي الأردن|غور الأردن|منغوليا الداخلية",
    "zh": "发展中国家|發展中國家|北美国家|南美国家|拉美国家|中美国家|欧美国家"
    "|其中国家|印度洋|印度支那"
    "|巴西利亚|墨西哥城|墨西哥湾|巴拿马城|巴拿马运河|危地马拉城|科威特城|吉布提市|内蒙古|朝鲜半岛"
    "|新墨西哥|马里兰|北爱尔兰|西印度|南非洲|日本海|中国海|几内亚湾|阿曼湾|上海地|沿海地|约旦河"
    "|新几内亚|乍得湖|尼日尔河|中国城|日本语|内蒙古自治区|泰国湾",
    "ja": "インド洋|メキシコシティ|メキシコ市|メキシコ湾|パナマシティ|パナマ運河|ギニア湾"
    "|オマーン湾"
    "|中国地方|中国語|日本語|日本海|東シナ海|南シナ海|北アイルランド|ヨルダン川|内モンゴル"
    "|ニジェール川|チャド湖|日本人|中国人|日系",
    "th": "มหาสมุทรอินเดีย|อินโดจีน|ทะเลจีนใต้|ทะเลจีน|ภาษาจีน|ภาษาไทย|ภาษาญี่ปุ่น|อ่าวไทย|นิวเม็กซิโก"
    "|เม็กซิโกซิตี|ปานามาซิตี|กัวเตมาลาซิตี|คูเวตซิตี|ไอร์แลนด์เหนือ|นิวกินี|อ่าวเม็กซิโก|อ่าวกินี|มองโกเลียใน"
    "|ชาวไทย|ชาวจีน|คนไทย|คนจีน",
}
# Borne by people too: beside another capital ("Neil Jordan", "Mauricio Rojas") they are persons.
PEOPLE = {
    "en": "Jordan|Chad|Georgia|Israel|Ireland|Jersey|Kenya|Cuba|France|Chile|Holland",
    "fr": "Maurice|Israël|France|Guadeloupe|Monaco",
    "es": "Mauricio|Israel|Guadalupe|Georgia|San Martín|Santa Elena|Santa Lucía|Granada|Francia",
    "pt": "Maurício|Maurícia|Israel|Geórgia|Santa Helena|Santa Lúcia|São Martinho|Guadalupe",
    "it": "Israele|Georgia|Francia|Cuba|Guadalupa",
    "de": "Israel|Georgien",
}
# Ordinary words too: financial, sons, that, add+take in, sea+ground. They count only beside
# another country or behind a word that leads to one. In Thai, every short name.
WORDS = {
    "ru": "Того|Чад",
    "ar": "مالي|بنين",
    "it": "Mali",
    "zh": "加纳|海地|马里|苏丹",
}
SHORT_THAI = 4  # code points; ลาว, จีน, ชาด, กานา are found inside other words

# What a name of CLDR stands for in running text.
_WRITTEN = {
    "en": ((" & ", " and "), ("St. ", "Saint "), ("St ", "Saint ")),
    "fr": (("Saint-", "Sainte-"),),
    "ru": (("о-ва", "острова"), ("о-ва", "Острова"), ("о-в", "остров")),
}

# -- Russian and German cases ----------------------------------------------------------------

# ending: genitive, genitive of other nouns, dative, accusative, instrumental, prepositional
_RUSSIAN = {
    r"(?<=[уо])а": "а а а а а а",  # Никарагуа, Самоа, Папуа
    r"(?<=стр)ова": "ов ов овам ова овами овах",
    "овы": "овых овых овым овы овыми овых",
    "(?<=ств)о": "а а у о ом е",
    "ая": "ой ой ой ую ой ой",
    "ый": "ого ого ому ый ым ом",
    "(?<=ск)ий": "ого ого ому ий им ом",
    "ое": "ого ого ому ое ым ом",
    "ые": "ых ых ым ые ыми ых",
    "(?<=ск)ие": "их их им ие ими их",
    "(?<=тор)ии": "ий ий иям ии иями иях",
    "ия": "ии ии ии ию ией ии",
    "я": "и и е ю ей е",
    "(?<=[жчшщ])а": "и и е у ей е",
    "(?<=[гкх])а": "и и е у ой е",
    "а": "ы ы е у ой е",
    "ы": " ов ам ы ами ах",
    "(?<=рус)ь": "и и и ь ью и",
    "ь": "я я ю ь ем е",
    "й": "я я ю й ем е",
    "(?<=Егип)ет": "та та ту ет том те",
    "(?<=[бвгджзклмнпрстфхцчшщ])": "а а у  ом е",
}
_CAPITALS = re.compile("[А-ЯЁ]+|[а-я]{1,2}|о-ва?|д|де|да")


def _declined(word: str) -> list[str]:
    """The six forms; the nominative six times for "и", "ОАЭ", "Чили", "Конго"."""
    if not _CAPITALS.fullmatch(word):
        for ending, forms in _RUSSIAN.items():
            if found := re.search(ending + "$", word):
                return [word[: found.start()] + form for form in forms.split(" ")]
    return [word] * 6


def russian(name: str) -> Iterator[str]:
    """The cases of a name: with "Шри-Ланке" as one word, with "Гвинее-Бисау" as two.

    Behind "Республика" the nominative may stay: "в Республике Молдова".
    """
    yield name
    for pattern in (r"([ ()]+)", r"([ ()-]+)"):
        words = re.split(pattern, name)
        yield from map("".join, zip(*map(_declined, words), strict=True))
    first, _, rest = name.partition(" ")
    if first == "Республика":
        yield from (f"{form} {rest}" for form in _declined(first))


def german(name: str) -> Iterator[str]:
    """The cases: "Armeniens", "den Niederlanden", "der Russischen Föderation"."""
    weak = re.sub(r"e[ns]?(?=\s[A-ZÄÖÜ])", "en", name) if " " in name else name
    for form in (name, weak):
        yield form
        if re.search("(?:lande|rate|biete)$", form):
            yield form + "n"
        elif not re.search("(?:[A-Zszxe)]|aten|ion|Amerika)$", form):
            yield form + "s"


def arabic(name: str) -> Iterator[str]:
    """Without hamza, and with the article behind "to": الأردن, الاردن, للأردن."""
    for form in (name, re.sub(r"\b(ال)?[أإآ]", r"\1ا", name)):
        yield form
        if form.startswith("ال"):
            yield "لل" + form[2:]


def unaccented(name: str) -> Iterator[str]:
    """As printed where capitals lose their accents: "Etats-Unis", "Egypte"."""
    yield name
    yield name.translate(str.maketrans("ÀÁÉÎÍÓÔÚ", "AAEIIOOU"))


_FORMS = {"ru": russian, "de": german, "ar": arabic}

# -- the table -------------------------------------------------------------------------------


def printed(language: str) -> Iterator[tuple[str, str]]:
    """Code and nominative: of CLDR, without its brackets and dashes, and of the lists above."""
    for locale in LOCALES[language]:
        for code, name in localedata.load(locale)["territories"].items():
            if len(code) == 2 and code not in NOT_ISO and isinstance(name, str):
                yield code, name
    for code, names in EXTRA[language].items():
        yield from ((code, name) for name in names.split("|"))


def variants(language: str, name: str) -> Iterator[str]:
    """The name, and how running text would put it."""
    yield name
    yield re.sub(r" [-–—] ", "-", name)
    yield re.sub(r" ?[(（].*", "", name)
    for old, new in _WRITTEN.get(language, ()):
        yield name.replace(old, new)
    if language == "en":
        yield name.replace("St. ", "Saint ").replace(" & ", " and ")


def names(language: str) -> dict[str, list[str]]:
    """Code -> all forms of its names. What more than one country is called belongs to none:
    刚果（布） and 刚果（金） leave 刚果 open.
    """
    forms = _FORMS.get(language, unaccented)
    owners: defaultdict[str, dict[str, None]] = defaultdict(dict)
    own = {name: code for code, name in printed(language)}
    for code, name in printed(language):
        for variant in variants(language, name):
            if own.get(variant, code) == code:
                for form in forms(variant):
                    owners[form][code] = None
    table: defaultdict[str, list[str]] = defaultdict(list)
    for form, codes in owners.items():
        if len(codes) == 1 and len(form) > 1:
            table[next(iter(codes))].append(form)
    return dict(sorted(table.items()))


def words(language: str, table: dict[str, list[str]]) -> list[str]:
    """The names that are ordinary words too."""
    if language == "th":
        return [name for each in table.values() for name in each if len(name) <= SHORT_THAI]
    return _listed(WORDS, language)


def _listed(lists: dict[str, str], language: str) -> list[str]:
    return lists[language].split("|") if language in lists else []


def render() -> str:
    """The file: a line for each language."""
    rows = []
    for language in LOCALES:
        table = names(language)
        row = {
            "names": table,
            "none": _listed(NO_COUNTRY, language),
            "people": _listed(PEOPLE, language),
            "words": words(language, table),
        }
        rows.append(json.dumps(language) + ": " + json.dumps(row, ensure_ascii=False))
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else COUNTRIES
    target.write_text(render(), encoding="utf-8")
