/** Names of persons and where they are found, as far as rules can tell: these ask, because no rule finds names reliably. */
import { matching, type LintRule } from './rule.ts'

const NAME = String.raw`\p{Lu}[\p{Ll}'’]{1,24}(?:-\p{Lu}\p{Ll}{1,24})?`
const PARTICLE = String.raw`(?:(?:von|van|de|der|del|la|le|du|di|da|bin|al)\s){0,2}`
const TITLES = String.raw`(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Mx|Herrn?|Frau|Mme|Mlle|Madame|Monsieur|M|Sra?|Señora?|Don|Doña|Pan|Pani|Panem|Panią|Pana|Lek|Mgr|Inż|Nurse|Schwester|Officer|Judge|Dra?|Docteur|Doktor)`

const titled = matching(
  new RegExp(
    String.raw`(?<![\p{L}\p{N}])${TITLES}\.?\s(?:${TITLES}\.?\s){0,2}${PARTICLE}${NAME}(?:\s${PARTICLE}${NAME}){0,2}`,
    'gu',
  ),
  // A title and a common noun at the start of a sentence are no name.
  (found) => !/\s(?:The|This|And|Le|La|Der|Die|Das|El|Los|To|Und)$/u.test(found),
)

/** Words that introduce a person by name, in five languages. */
const INTRODUCED = String.raw`(?:named|called|patient|employee|colleague|customer|nurse|doctor|driver|teacher|namens|Patient(?:in)?|Mitarbeiter(?:in)?|Kolleg(?:e|in|en)|Kund(?:e|in|en)|Fahrer(?:in)?|nommée?|patiente?|employée?|collègue|conductrice|conducteur|cliente?|llamad[oa]|paciente|emplead[oa]|compañer[oa]|enfermer[oa]|pacjent(?:ka|a|ki|em)?|pracowni(?:k|ca|ka|cy)|kierowc[ay]|klient(?:ka|a|ki)?|o nazwisku|nazwiskiem)`

/** The same words at the beginning of a sentence. */
const CAPITALISED = INTRODUCED.replaceAll(
  /(?<=[(|])\p{Ll}(?=\p{Ll}{3})/gu,
  (letter) => `${letter.toUpperCase()}`,
)

const introduced = (text: string) =>
  matching(
    new RegExp(
      String.raw`(?<=(?<![\p{L}\p{N}])(?:${INTRODUCED}|${CAPITALISED}),?\s)${NAME}\s${PARTICLE}${NAME}`,
      'gu',
    ),
  )(text)

/** `Name Surname said`: two capitalised words and a verb that only people do. */
const SAID = String.raw`(?:said|told|wrote|reported|complained|noticed|signed|sagte|schrieb|meldete|bemerkte|unterschrieb|a dit|a écrit|a signalé|a remarqué|dijo|escribió|informó|notó|firmó|powiedział[a]?|napisał[a]?|zgłosił[a]?|zauważył[a]?|podpisał[a]?)`
const speaking = (text: string) =>
  matching(
    new RegExp(String.raw`(?<![\p{L}\p{N}.])${NAME}\s${PARTICLE}${NAME}(?=\s${SAID}(?![\p{L}]))`, 'gu'),
  )(text)

const person: LintRule = {
  id: 'person',
  severity: 'ask',
  find: (text) => joined([...titled(text), ...introduced(text), ...speaking(text)]),
}

const coordinates: LintRule = {
  id: 'coordinates',
  severity: 'block',
  find: matching(
    /(?<![\p{L}\p{N}.])(?:[-+]?\d{1,2}\.\d{4,8}°?\s?[NS]?\s?[,;/]\s?[-+]?\d{1,3}\.\d{4,8}°?\s?[EWO]?|\d{1,2}°\s?\d{1,2}[′']\s?(?:\d{1,2}(?:\.\d+)?[″"]\s?)?[NS][,;]?\s?\d{1,3}°\s?\d{1,2}[′']\s?(?:\d{1,2}(?:\.\d+)?[″"]\s?)?[EWO])(?![\p{N}])/gu,
  ),
}

const STREETS = [
  String.raw`\d{1,5}[A-Za-z]?,?\s(?:${NAME}\s){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court|Square|Boulevard|Blvd|Way|Terrace)(?![\p{L}])\.?`,
  String.raw`\p{Lu}[\p{L}-]{2,30}(?:straße|strasse|str\.|weg|gasse|allee|platz|ufer|damm)\s\d{1,4}\s?[a-z]?(?![\p{L}\p{N}])`,
  String.raw`(?:${NAME}\s)(?:Straße|Strasse|Str\.|Weg|Gasse|Allee|Platz|Ufer|Damm)\s\d{1,4}\s?[a-z]?(?![\p{L}\p{N}])`,
  String.raw`\d{1,4}(?:\s?(?:bis|ter))?,?\s(?:rue|avenue|av\.|boulevard|bd|place|chemin|allée|quai|impasse)\s(?:de\s|du\s|des\s|la\s|le\s|l['’]|d['’]){0,3}\p{Lu}[\p{L}-]{1,30}(?:\s\p{Lu}[\p{L}-]{1,30})?`,
  String.raw`(?:[Cc]alle|[Aa]venida|[Aa]vda\.|[Pp]laza|[Pp]aseo|[Cc]arrer|C/)\s(?:de\s|del\s|la\s|las\s|los\s|el\s){0,3}\p{Lu}[\p{L}-]{1,30}(?:\s(?:de\s|del\s)?\p{Lu}[\p{L}-]{1,30})?,?\s(?:n\.?[ºo]\s?)?\d{1,4}(?![\p{N}])`,
  String.raw`(?:ul\.|ulic[aąyę]|al\.|alej[aęi]|pl\.|os\.)\s(?:${NAME}\s){0,3}\p{Lu}[\p{L}-]{1,30}\s\d{1,4}[a-z]?(?:/\d{1,4})?(?![\p{L}\p{N}])`,
]

const address: LintRule = {
  id: 'address',
  severity: 'block',
  find: (text) =>
    joined(STREETS.flatMap((one) => matching(new RegExp(String.raw`(?<![\p{L}\p{N}])${one}`, 'gu'))(text))),
}

/** Overlapping spans as one. */
function joined(spans: ReturnType<LintRule['find']>): ReturnType<LintRule['find']> {
  const merged: { start: number; end: number }[] = []
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return merged
}

export const PEOPLE: readonly LintRule[] = [person, coordinates, address]
