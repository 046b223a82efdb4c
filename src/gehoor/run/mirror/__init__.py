"""The mirror of a workspace: from what was heard to an edition.

history + tail of the ledger --marts--> mirror/date=DAY/*.parquet     once a day of arrival, today anew: `marts`
  (people: day x brand x actor; cells: day x brand x dimension; exchanges: who asked, answered, reacted)
marts --window--> a row of whole numbers a person, a day --`day_sums`--> mirror_day: sums and 200 replicas
mirror_day of a year --indices--> captivating and binding beside normal, slope, curve; --`truth`--> is it true?
marts --changes--> drivers, rate and mix, shifts, moments --`advise`--> at most three things to do
marts --channels, relations, listening--> the rest of the page; all together: `edition`, kept in the store
Marts are sums by day of arrival *and* day of event, so late arrivals, corrections and deletions are never searched for:
a day of arrival is made anew when the history's files of it, or what is void in them, changed (`marts.stamp`).
"""
