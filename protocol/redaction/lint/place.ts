/** Places: coordinates precise enough for a house, and addresses in a street. */
import { matches, type LintRule } from './span.ts'

/** Four decimals of a degree are eleven metres. */
const DECIMAL =
  /(?<![\p{L}\p{N}.])[-+]?\d{1,2}\.\d{4,15} ?°? ?[NS]?(?: ?[,;/] ?| )[-+]?\d{1,3}\.\d{4,15}(?![\p{L}\p{N}])/gu
const DEGREES =
  /(?<![\p{L}\p{N}.])\d{1,3} ?° ?\d{1,2}(?:\.\d{1,6})? ?['′’](?: ?\d{1,2}(?:\.\d{1,4})? ?["″”]| ?\d{1,2}(?:\.\d{1,4})? ?''){0,1} ?[NSEWO](?!\p{L})/gu

const CAPITAL = String.raw`\p{Lu}[\p{L}'.-]{0,24}`
const STREETS = [
  // English: 12 Long Acre Road
  String.raw`\d{1,5}[a-zA-Z]?,? (?:${CAPITAL} ){1,3}(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Dr\.|Boulevard|Blvd\.?|Square|Court|Terrace|Crescent|Close|Highway|Parkway|Mews|Gardens|Way)(?!\p{L})`,
  // German: Lindenstraße 7, Straße des Friedens 5, Kölner Str. 12b
  String.raw`(?:\p{Lu}[\p{L}-]{1,30}(?:straße|strasse|str\.|gasse|allee|platz|weg|ufer|damm)|(?!(?:Der|Die|Das|Den|Dem|Des|Ein|Eine|Einen|Einem) )${CAPITAL} (?:Straße|Strasse|Str\.|Gasse|Allee|Platz|Weg|Ufer|Damm)|Straße (?:der|des|am) ${CAPITAL}) \d{1,4} ?[a-z]?(?![\p{L}\p{N}])`,
  // French: 14 bis, rue des Lilas
  String.raw`\d{1,4}(?: ?(?:bis|ter|[a-dA-D]))?,? (?:rue|avenue|av\.|boulevard|bd|place|chemin|allée|impasse|quai|cours|route|passage|square) (?:(?:de la|de l'|du|des|de|d') ?)?${CAPITAL}`,
  // Spanish: calle de Alcalá, 45
  String.raw`(?:[Cc]alle|[Cc]\/|[Aa]venida|[Aa]vda\.?|[Pp]laza|[Pp]aseo|[Cc]amino|[Rr]onda) ?(?:de la |de los |de las |del |de )?(?:${CAPITAL} ){0,2}${CAPITAL},? (?:n\.?º ?|número |núm\. )?\d{1,4}(?![\p{N}])`,
  // Polish: ul. Długa 5/7, przy ulicy Polnej 3
  String.raw`(?:[Uu]l\.|[Uu]lic[aąęy]|[Aa]l\.|[Aa]lej[aei]|[Pp]l\.|[Pp]lac(?:u)?|[Oo]s\.|[Oo]siedl[eu]) (?:${CAPITAL} ){0,2}${CAPITAL} \d{1,4}[a-zA-Z]?(?:\/\d{1,4})?(?![\p{N}])`,
].map((body) => new RegExp(`(?<![\\p{L}\\p{N}])${body}`, 'gu'))

export const PLACE_RULES: readonly LintRule[] = [
  {
    id: 'coordinates',
    severity: 'block',
    group: 'number',
    *find(text) {
      yield* matches(text, DECIMAL, isOnEarth)
      yield* matches(text, DEGREES)
    },
  },
  {
    id: 'address',
    severity: 'block',
    *find(text) {
      for (const street of STREETS) yield* matches(text, street)
    },
  },
]

/** Two numbers of one or less are shares or losses, and only by chance a place in the Gulf of Guinea. */
function isOnEarth(found: string): boolean {
  const [latitude = 91, longitude = 181] = (found.match(/[-+]?\d+\.\d+/g) ?? []).map(Number)
  const [north, east] = [Math.abs(latitude), Math.abs(longitude)]
  return north <= 90 && east <= 180 && (north > 1 || east > 1)
}
