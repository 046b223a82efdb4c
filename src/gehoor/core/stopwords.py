"""Function words of nl, en, de, fr and es, and what posts are padded with: they say nothing about a subject."""

__all__ = ["STOPWORDS"]

_NL = """
aan aangezien al alle alleen als altijd ander andere ben bent bij bijna binnen dan dat de deze die dit doch doe doen
door dus echt een eens eerst elk elke en er erg even ga gaan gaat geen gehad geweest gewoon had hadden heb hebben hebt
heeft heel hem hen het hier hij hoe hun iemand iets ik in is ja je jij jou jouw jullie kan kon konden krijg krijgen
kun kunnen laat maar maken me mee meer meest men met mij mijn moest moet moeten mogen na naar nee net niemand niet
niets niks nog nou nu of om omdat onder ons onze ook op over pas steeds te tegen ter toch toen tot tussen u uit uw van
vanaf veel via voor vond waar waarom wanneer waren was wat weer wel welke werd wie wij wil willen word worden wordt
ze zeer zei zelf zich zie zien zij zijn zit zo zoals zonder zou zouden zullen zo'n staat staan zeg zegt zeggen vind
vindt vinden vond volgens blijft blijf blijven sinds iedereen
nergens nooit altijd weet weten denk denkt geef geeft nieuwe nieuw goed goede beter best mooi grote kleine eigenlijk
misschien helemaal allemaal alweer zelfs steeds terwijl waarop waarbij hierbij daarom dagen dag uur week weken jaar
eerste tweede derde keer keren stuk stukje leuk vandaag gisteren morgen straks
"""
_EN = """
about after again all also am an and any are as at be because been before being but by can can't cannot could did
didn't do does doesn't doing don't down each even ever every few for from get gets getting go going got had has have
haven't having he her here him his how i'm i've if in into is isn't it it's its just know let like made make me more
most much my no not now of off on once one only or other our out over own really same see she should so some still
such than that that's the their them then there these they this those through to too under until up us very was
wasn't way we were what when where which while who why will with won't would yes yet you you're your i'll i'd we're
think thought went without say says said want wants need needs take takes
back good great new first last time times day days today week thing things people really always never still
"""
_DE = """
aber alle als also am an auch auf aus bei bin bis bist da damit dann das dass dem den der des die dies diese doch dort
du durch ein eine einem einen einer eines er es euch euer für hab habe haben hat hatte hier ich ihr ihre im in ist ja
jetzt kann kein keine mal man mehr mein meine mich mir mit nach nicht noch nur ob oder ohne schon sein seine sich sie
sind so über um und uns unser unter vom von vor war was weil wenn wer wie wieder wir wird wo zu zum zur
"""
_FR = """
ai au aussi aux avec avez avons bien car ce cela ces cet cette comme dans de depuis des dont du elle elles en encore
est
et être eu fait faut il ils je la le les leur leurs lui ma mais me même mes moi mon ne nos notre nous on ont ou où par
pas peu plus pour pourquoi qu que qui quoi sa sans se ses si son sont sur ta tes toi ton tous tout toute très tu un
une vos votre vous y c'est j'ai n'est qu'il d'un d'une
"""
_ES = """
al algo como con cual cuando de del desde donde dos el ella ellos en entre era es esa ese eso esta está están este
esto
fue ha han hasta hay la las le les lo los más me mi mis muy nada ni no nos nosotros o os otra otro para pero por
porque
que qué quien se ser si sí sin sobre son su sus también tan te tiene todo todos tu tus un una uno unos y ya yo
"""
_PADDING = """
http https www com amp via rt lol haha hahaha omg pls please thanks thx hi hey hello hallo hoi dag graag
vriendelijke vriendelijk groet groeten groetjes hartelijke mvg goedendag goedemorgen goedemiddag goedenavond beste
geachte heer mevrouw alvast kind kindly regards sincerely dear sir madam morning afternoon evening greetings
een twee drie vier vijf zes zeven acht negen tien one two three four five six seven eight nine ten
mag hoor naast euro euros minuten minuut uren dank dankjewel bedankt verder
"""

STOPWORDS: frozenset[str] = frozenset(" ".join((_NL, _EN, _DE, _FR, _ES, _PADDING)).split())
