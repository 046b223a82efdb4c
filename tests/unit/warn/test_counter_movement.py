"""Who goes against a storm: the drills' own lines that put it right are found, and those that complain are not."""

import pytest

from gehoor.run.drill.scenario import read_scenario
from gehoor.warn.counter_movement import Stance, stance_of


def _lines(scenario: str, wave: int) -> list[str]:
    told = read_scenario(scenario).wave[wave]
    return [line.replace("{brand}", "Acme") for line in (*told.nl, *told.en)]


@pytest.mark.parametrize("line", _lines("rumour", 1) + _lines("outage", 1))
@pytest.mark.parametrize("before", ["", "Serieus, ", "Sorry but "])
def test_who_corrects_a_rumour_or_says_that_it_works_again_puts_things_right(line: str, before: str) -> None:
    assert stance_of(before + line) == "mends"


@pytest.mark.parametrize("line", _lines("ashcloud", 1))
def test_who_offers_a_seat_or_thanks_the_crew_helps_or_defends(line: str) -> None:
    assert stance_of(line) in {"helps", "defends"}


@pytest.mark.parametrize(
    "line", [*_lines("rumour", 0), *_lines("recall", 0), *_lines("ashcloud", 0), *_lines("outage", 0)]
)
def test_nobody_who_complains_or_passes_a_rumour_on_goes_against_it(line: str) -> None:
    assert stance_of(line) is None or line.startswith("tip:")  # both tips of the outage help


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("Dat is gewoon niet waar, er is niemand ontslagen", "mends"),
        ("Het is maar een gerucht", "mends"),
        ("Fijn dat de app weer werkt", "mends"),
        ("That’s simply not true, they never said so", "mends"),
        ("Please don’t share this, it went round before", "mends"),
        ("Everything's working again, phew", "mends"),
        ("don't blame the staff, they had no food either", "defends"),
        ("Tip: probeer de website, die is er nog", "helps"),
    ],
)
def test_people_say_it_in_other_words_too(text: str, stance: Stance) -> None:
    assert stance_of(text) == stance


@pytest.mark.parametrize(
    "text",
    [
        "Dat verhaal klopt niet, ik heb het net nagevraagd bij de winkel",
        "Niet waar hoor, mijn zus werkt daar en er is niks aan de hand",
        "Waarom deelt iedereen dit? Het is nep",
        "Mensen, dit is nepnieuws. Kunnen we ophouden met delen?",
        "Wie verzint dit? Er is helemaal geen lek",
        "Bij mij doet de app het weer",
        "Ik kan weer inloggen",
        "Mijn betaling is net weer gelukt",
        "Hij doet het weer, bij jullie ook?",
        "Mijn internet is terug, bij anderen ook al?",
        "Het is opgelost bij mij, iemand anders ook?",
        "Ik heb gebeld en het klopt niet wat er rondgaat",
        "Ik heb het gecontroleerd: er klopt niks van",
        "Geloof niet alles wat je leest, die foto is van vorig jaar",
        "Die foto is oud, uit 2019",
        "Oude foto, dit is niet van nu",
        "I checked with the store and the story isn't true",
        "My cousin works there, nothing is going on",
        "It's fake, why are people sharing this?",
        "Can people please stop sharing this? It's not true",
        "I can log in again",
        "My card works again, anyone else?",
        "It's back for me, is it back for you?",
        "Payments are going through again",
        "That photo is from 2019",
        "Old picture, nothing to do with today",
        "I asked support and they confirmed it's not true",
        "I just called them: nothing is wrong with the product",
        "Back online here in Leeds",
        "Service restored for me",
    ],
)
def test_who_speaks_of_what_they_did_or_asks_whether_others_have_it_too_puts_things_right(text: str) -> None:
    assert stance_of(text) == "mends"


@pytest.mark.parametrize(
    "text",
    [
        "Wanneer doet de app het weer?",
        "Ik kan weer niet inloggen",
        "Mijn betaling is weer mislukt",
        "Is dit waar of nepnieuws?",
        "Klopt dit verhaal? Ik heb er ook last van",
        "Ik heb gebeld en ze zeggen dat het niet waar is, maar mijn geld is weg",
        "Ik moet weer bellen",
        "Weet iemand of het is opgelost?",
        "Doet hij het bij jullie weer?",
        "Ik kan weer opnieuw beginnen",
        "Ik kan weer een uur in de wacht",
        "Mijn rekening klopt weer niet",
        "Oude foto van mijn kapotte telefoon",
        "Die foto is van mijn kapotte was, vorige week",
        "I can't log in again",
        "My card was declined again",
        "When will it be back?",
        "Is this true?",
        "Is it fixed yet?",
        "Has anyone got it working again?",
        "I asked support and they said it's not true that my order was lost",
        "I can wait another hour again",
        "My order is back to pending",
        "It's back, the same error as yesterday",
        "The bug is back for me",
        "I just called them and nothing helps",
        "That photo is from my broken suitcase",
        "I checked and my refund isn't there",
        "Old phone, nothing works",
        "Payments are going wrong again",
        "Lekker bezig, ik kan weer naar de winkel",
        "Ik kan weer terug naar de winkel met dat ding",
        "Mijn rekening klopt niet",
        "Dit klopt niet, ik heb twee keer betaald",
        "Het klopt niet dat de klant hiervoor opdraait",
        "Dat is niet waar, ik heb wel gebeld",
        "Dit is toch niet waar!",
        "Ik kan mijn scherm niet delen",
        "De app doet het weer niet",
        "De app doet het weer eens helemaal niet",
        "De storing is er weer, lekker dan",
        "Sinds de update werkt weer niks",
        "Het werkt traag en weer een uur wachten",
        "Hopelijk is het morgen verholpen",
        "De site is weer niet bereikbaar",
        "That's not true, I was never told",
        "Your story is nonsense, you had my number",
        "They share my data and I said don't share my data",
        "It stopped working again",
        "It isn't working again",
        "The problem is back, thanks for nothing",
        "We're back to square one",
        "I'll wait until it is fixed",
        "Nothing is fixed",
        "When it works again I'll believe it",
        "The door is not closing",
    ],
)
def test_a_complaint_in_the_same_words_puts_nothing_right(text: str) -> None:
    assert stance_of(text) is None
