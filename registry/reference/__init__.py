"""Reference data that every installation starts with: countries, continents, common arches.

Codes and names follow ISO 3166-1 (XK is the user-assigned code in common use). Operators may edit
the tables; a migration only adds what is missing.
"""

from typing import NamedTuple

# Code, continent, degrees north and east of a place where many of its clients are, name.
COUNTRIES = """
AD EU 42.5 1.5 Andorra
AE AS 25 55.3 United Arab Emirates
AF AS 34.5 69.2 Afghanistan
AG NA 17.1 -61.8 Antigua and Barbuda
AI NA 18.2 -63 Anguilla
AL EU 41.3 19.8 Albania
AM AS 40.2 44.5 Armenia
AO AF -8.8 13.2 Angola
AQ AN -77.8 166.7 Antarctica
AR SA -34.6 -58.4 Argentina
AS OC -14.3 -170.7 American Samoa
AT EU 48.2 16.4 Austria
AU OC -33.9 151.2 Australia
AW NA 12.5 -70 Aruba
AX EU 60.1 19.9 Åland Islands
AZ AS 40.4 49.9 Azerbaijan
BA EU 43.9 18.4 Bosnia and Herzegovina
BB NA 13.1 -59.6 Barbados
BD AS 23.8 90.4 Bangladesh
BE EU 50.8 4.4 Belgium
BF AF 12.4 -1.5 Burkina Faso
BG EU 42.7 23.3 Bulgaria
BH AS 26.2 50.6 Bahrain
BI AF -3.4 29.4 Burundi
BJ AF 6.4 2.4 Benin
BL NA 17.9 -62.8 Saint Barthélemy
BM NA 32.3 -64.8 Bermuda
BN AS 4.9 114.9 Brunei Darussalam
BO SA -16.5 -68.1 Bolivia
BQ NA 12.2 -68.3 Caribbean Netherlands
BR SA -23.5 -46.6 Brazil
BS NA 25.1 -77.3 Bahamas
BT AS 27.5 89.6 Bhutan
BV AN -54.4 3.4 Bouvet Island
BW AF -24.7 25.9 Botswana
BY EU 53.9 27.6 Belarus
BZ NA 17.3 -88.2 Belize
CA NA 43.7 -79.4 Canada
CC AS -12.2 96.8 Cocos (Keeling) Islands
CD AF -4.3 15.3 Congo (Kinshasa)
CF AF 4.4 18.6 Central African Republic
CG AF -4.3 15.2 Congo (Brazzaville)
CH EU 47.4 8.5 Switzerland
CI AF 5.3 -4 Côte d'Ivoire
CK OC -21.2 -159.8 Cook Islands
CL SA -33.4 -70.7 Chile
CM AF 4 9.7 Cameroon
CN AS 34 114 China
CO SA 4.7 -74.1 Colombia
CR NA 9.9 -84.1 Costa Rica
CU NA 23.1 -82.4 Cuba
CV AF 14.9 -23.5 Cabo Verde
CW NA 12.1 -68.9 Curaçao
CX AS -10.4 105.7 Christmas Island
CY AS 35 33.2 Cyprus
CZ EU 50.1 14.4 Czechia
DE EU 50.1 8.7 Germany
DJ AF 11.6 43.1 Djibouti
DK EU 55.7 12.6 Denmark
DM NA 15.3 -61.4 Dominica
DO NA 18.5 -69.9 Dominican Republic
DZ AF 36.8 3.1 Algeria
EC SA -2.2 -79.9 Ecuador
EE EU 59.4 24.8 Estonia
EG AF 30 31.2 Egypt
EH AF 27.2 -13.2 Western Sahara
ER AF 15.3 38.9 Eritrea
ES EU 40.4 -3.7 Spain
ET AF 9 38.7 Ethiopia
FI EU 60.2 24.9 Finland
FJ OC -18.1 178.4 Fiji
FK SA -51.7 -57.9 Falkland Islands
FM OC 6.9 158.2 Micronesia
FO EU 62 -6.8 Faroe Islands
FR EU 48.9 2.4 France
GA AF 0.4 9.5 Gabon
GB EU 51.5 -0.1 United Kingdom
GD NA 12.1 -61.7 Grenada
GE AS 41.7 44.8 Georgia
GF SA 4.9 -52.3 French Guiana
GG EU 49.5 -2.5 Guernsey
GH AF 5.6 -0.2 Ghana
GI EU 36.1 -5.4 Gibraltar
GL NA 64.2 -51.7 Greenland
GM AF 13.5 -16.7 Gambia
GN AF 9.5 -13.7 Guinea
GP NA 16.2 -61.5 Guadeloupe
GQ AF 3.8 8.8 Equatorial Guinea
GR EU 38 23.7 Greece
GS AN -54.3 -36.5 South Georgia and the South Sandwich Islands
GT NA 14.6 -90.5 Guatemala
GU OC 13.5 144.8 Guam
GW AF 11.9 -15.6 Guinea-Bissau
GY SA 6.8 -58.2 Guyana
HK AS 22.3 114.2 Hong Kong
HM AN -53.1 73.5 Heard Island and McDonald Islands
HN NA 14.1 -87.2 Honduras
HR EU 45.8 16 Croatia
HT NA 18.5 -72.3 Haiti
HU EU 47.5 19 Hungary
ID AS -6.2 106.8 Indonesia
IE EU 53.3 -6.3 Ireland
IL AS 32.1 34.8 Israel
IM EU 54.2 -4.5 Isle of Man
IN AS 19.1 77 India
IO AS -7.3 72.4 British Indian Ocean Territory
IQ AS 33.3 44.4 Iraq
IR AS 35.7 51.4 Iran
IS EU 64.1 -21.9 Iceland
IT EU 45.5 9.2 Italy
JE EU 49.2 -2.1 Jersey
JM NA 18 -76.8 Jamaica
JO AS 32 35.9 Jordan
JP AS 35.7 139.7 Japan
KE AF -1.3 36.8 Kenya
KG AS 42.9 74.6 Kyrgyzstan
KH AS 11.6 104.9 Cambodia
KI OC 1.3 173 Kiribati
KM AF -11.7 43.3 Comoros
KN NA 17.3 -62.7 Saint Kitts and Nevis
KP AS 39 125.8 North Korea
KR AS 37.6 127 South Korea
KW AS 29.4 48 Kuwait
KY NA 19.3 -81.4 Cayman Islands
KZ AS 43.2 76.9 Kazakhstan
LA AS 18 102.6 Laos
LB AS 33.9 35.5 Lebanon
LC NA 14 -61 Saint Lucia
LI EU 47.1 9.5 Liechtenstein
LK AS 6.9 79.9 Sri Lanka
LR AF 6.3 -10.8 Liberia
LS AF -29.3 27.5 Lesotho
LT EU 54.7 25.3 Lithuania
LU EU 49.6 6.1 Luxembourg
LV EU 56.9 24.1 Latvia
LY AF 32.9 13.2 Libya
MA AF 33.6 -7.6 Morocco
MC EU 43.7 7.4 Monaco
MD EU 47 28.9 Moldova
ME EU 42.4 19.3 Montenegro
MF NA 18.1 -63.1 Saint Martin
MG AF -18.9 47.5 Madagascar
MH OC 7.1 171.4 Marshall Islands
MK EU 42 21.4 North Macedonia
ML AF 12.6 -8 Mali
MM AS 16.8 96.2 Myanmar
MN AS 47.9 106.9 Mongolia
MO AS 22.2 113.5 Macao
MP OC 15.2 145.7 Northern Mariana Islands
MQ NA 14.6 -61.1 Martinique
MR AF 18.1 -16 Mauritania
MS NA 16.8 -62.2 Montserrat
MT EU 35.9 14.5 Malta
MU AF -20.2 57.5 Mauritius
MV AS 4.2 73.5 Maldives
MW AF -14 33.8 Malawi
MX NA 19.4 -99.1 Mexico
MY AS 3.1 101.7 Malaysia
MZ AF -26 32.6 Mozambique
NA AF -22.6 17.1 Namibia
NC OC -22.3 166.5 New Caledonia
NE AF 13.5 2.1 Niger
NF OC -29 168 Norfolk Island
NG AF 6.5 3.4 Nigeria
NI NA 12.1 -86.3 Nicaragua
NL EU 52.4 4.9 Netherlands
NO EU 59.9 10.8 Norway
NP AS 27.7 85.3 Nepal
NR OC -0.5 166.9 Nauru
NU OC -19.1 -169.9 Niue
NZ OC -36.8 174.8 New Zealand
OM AS 23.6 58.4 Oman
PA NA 9 -79.5 Panama
PE SA -12 -77 Peru
PF OC -17.5 -149.6 French Polynesia
PG OC -9.4 147.2 Papua New Guinea
PH AS 14.6 121 Philippines
PK AS 31.5 74.3 Pakistan
PL EU 52.2 21 Poland
PM NA 46.8 -56.2 Saint Pierre and Miquelon
PN OC -25.1 -130.1 Pitcairn
PR NA 18.4 -66.1 Puerto Rico
PS AS 31.5 34.5 Palestine
PT EU 38.7 -9.1 Portugal
PW OC 7.5 134.6 Palau
PY SA -25.3 -57.6 Paraguay
QA AS 25.3 51.5 Qatar
RE AF -20.9 55.5 Réunion
RO EU 44.4 26.1 Romania
RS EU 44.8 20.5 Serbia
RU EU 55.8 37.6 Russian Federation
RW AF -1.9 30.1 Rwanda
SA AS 24.7 46.7 Saudi Arabia
SB OC -9.4 160 Solomon Islands
SC AF -4.6 55.5 Seychelles
SD AF 15.6 32.5 Sudan
SE EU 59.3 18.1 Sweden
SG AS 1.3 103.8 Singapore
SH AF -15.9 -5.7 Saint Helena
SI EU 46.1 14.5 Slovenia
SJ EU 78.2 15.6 Svalbard and Jan Mayen
SK EU 48.1 17.1 Slovakia
SL AF 8.5 -13.2 Sierra Leone
SM EU 43.9 12.4 San Marino
SN AF 14.7 -17.4 Senegal
SO AF 2 45.3 Somalia
SR SA 5.8 -55.2 Suriname
SS AF 4.9 31.6 South Sudan
ST AF 0.3 6.7 Sao Tome and Principe
SV NA 13.7 -89.2 El Salvador
SX NA 18 -63.1 Sint Maarten
SY AS 33.5 36.3 Syria
SZ AF -26.3 31.1 Eswatini
TC NA 21.8 -72.3 Turks and Caicos Islands
TD AF 12.1 15 Chad
TF AN -49.4 70.2 French Southern Territories
TG AF 6.1 1.2 Togo
TH AS 13.8 100.5 Thailand
TJ AS 38.6 68.8 Tajikistan
TK OC -9.4 -171.2 Tokelau
TL AS -8.6 125.6 Timor-Leste
TM AS 37.9 58.4 Turkmenistan
TN AF 36.8 10.2 Tunisia
TO OC -21.1 -175.2 Tonga
TR AS 41 29 Türkiye
TT NA 10.7 -61.5 Trinidad and Tobago
TV OC -8.5 179.2 Tuvalu
TW AS 25 121.5 Taiwan
TZ AF -6.8 39.3 Tanzania
UA EU 50.4 30.5 Ukraine
UG AF 0.3 32.6 Uganda
UM OC 19.3 166.6 United States Minor Outlying Islands
US NA 39 -90 United States
UY SA -34.9 -56.2 Uruguay
UZ AS 41.3 69.2 Uzbekistan
VA EU 41.9 12.5 Vatican City
VC NA 13.2 -61.2 Saint Vincent and the Grenadines
VE SA 10.5 -66.9 Venezuela
VG NA 18.4 -64.6 British Virgin Islands
VI NA 18.3 -64.9 U.S. Virgin Islands
VN AS 10.8 106.7 Vietnam
VU OC -17.7 168.3 Vanuatu
WF OC -13.3 -176.2 Wallis and Futuna
WS OC -13.8 -171.8 Samoa
XK EU 42.7 21.2 Kosovo
YE AS 15.4 44.2 Yemen
YT AF -12.8 45.2 Mayotte
ZA AF -26.2 28 South Africa
ZM AF -15.4 28.3 Zambia
ZW AF -17.8 31 Zimbabwe
"""

ARCHES = (
    "aarch64",
    "armhfp",
    "i386",
    "noarch",
    "ppc64",
    "ppc64le",
    "riscv64",
    "s390x",
    "source",
    "x86_64",
)
PRIMARY_ARCHES = frozenset({"aarch64", "source", "x86_64"})


class CountryRow(NamedTuple):
    """A country. The point is where many of its clients are, to a degree or so."""

    code: str
    continent: str
    latitude: float
    longitude: float
    name: str


def countries() -> list[CountryRow]:
    """Return every country."""
    rows = (line.split(" ", 4) for line in COUNTRIES.strip().splitlines())
    return [
        CountryRow(code, continent, float(latitude), float(longitude), name)
        for code, continent, latitude, longitude, name in rows
    ]
