/** Names of persons, where a title, a role or a phrase says that one follows. No list of names: it would miss most. */
import { matches, type LintRule } from './span.ts'

const CAPITAL = String.raw`\p{Lu}(?:['’]\p{Lu})?[\p{Ll}\p{M}]{1,24}(?:[-'’]\p{Lu}[\p{Ll}\p{M}]{1,24})?`
const PARTICLE = String.raw`(?:(?:von der|van der|van den|de la|von|van|de|di|da|del|du|le|la|zu|el|al|bin) )?`
const INITIAL = String.raw`(?:\p{Lu}\. ?){0,2}`
const ONE = `${INITIAL}${PARTICLE}${CAPITAL}(?: ${PARTICLE}${CAPITAL}){0,2}`
const TWO = `${CAPITAL} ${INITIAL}${PARTICLE}${CAPITAL}(?: ${CAPITAL})?`

const TITLE =
  '[Dd]r\\.?|Dra\\.|Prof\\.?|Professor|Professorin|Mr\\.?|Mrs\\.?|Ms\\.?|Mx\\.?|Herrn?|Frau|Hr\\.|Fr\\.|Monsieur|Madame|Mademoiselle|M\\.|MM\\.|Mme|Mlle|Me|Sr\\.|Sra\\.|Srta\\.|[Ss]eñora?|[Ss]eñorita|[Dd]on|[Dd]oña|[Pp]an|[Pp]ani|[Pp]ana|[Pp]anu|[Pp]anem|[Pp]anią|[Mm]gr|[Ii]nż\\.'
const ROLE =
  '[Ee]ngineer|[Ee]mployee|[Cc]olleague|[Aa]nalyst|[Nn]urse|[Dd]octor|[Pp]atient|[Cc]ustomer|[Cc]lient|[Ss]tudent|[Tt]eacher|[Mm]anager|[Cc]lerk|[Oo]perator|[Rr]esearcher|[Aa]pplicant|[Dd]river|Mitarbeiter(?:in)?|Kollegin|Kollegen?|Patient(?:in)?|Kundin|Kunden?|Ingenieur(?:in)?|Ärztin|Arzt|Leiter(?:in)?|[Ii]ngénieure?|[Ee]mployée?|[Pp]atiente?|[Cc]ollègue|[Cc]liente?|[Ss]alariée?|[Ii]nfirmière|[Ii]nfirmier|[Ii]ngeniera?|[Ee]mpleada|[Ee]mpleado|[Pp]aciente|[Cc]ompañera|[Cc]ompañero|[Ii]nżynier|[Pp]racownik|[Pp]racownica|[Pp]acjent|[Pp]acjentka|[Pp]acjentki|[Kk]lientka|[Kk]lient|[Kk]olega|[Kk]oleżanka'
const PHRASE =
  "named|by the name of|(?:my|her|his) name is|namens|mein Name ist|nommée?|je m['’]appelle|s['’]appelle|du nom de|llamad[oa]|me llamo|se llama|de nombre|o nazwisku|o imieniu|imieniem|nazywa się|nazywam się"

/** What follows a name of these is a product. */
const OF_A_THING =
  /(?:model|modelo|modèle|modell|system|système|sistema|tool|outil|herramienta|werkzeug|narzędzie|dataset|datensatz|project|projekt|projet|proyecto|app|bot|agent|service|product|software|library|function|variable|class|file|assistant|asystent)\p{L}{0,2}[ ,]{1,2}$/iu

/** What only people do: two names before it are somebody's. */
const SAID =
  'said|told|wrote|reported|complained|noticed|signed|sagte|schrieb|meldete|bemerkte|unterschrieb|a dit|a écrit|a signalé|a remarqué|dijo|escribió|informó|notó|firmó|powiedziała?|napisała?|zgłosiła?|zauważyła?|podpisała?'

/** Bodies and acts, capitalised as in headlines: words that are in nobody's name. */
const NO_NAME =
  /(?<!\p{L})(?:Reportedly|Allegedly|Apparently|Repeatedly|Automatically|Falsely|Wrongly|Wrongfully|Police|Security|Agency|Court|Times|Post|News|Bank|University|Hospital|Ministry|Department|Institute|Research|Service|Support|Account|Program|Algorithm|Evaluation|Data|Model|Risk|Rights|Flow|System|Technologies|Agent|Robot|Used|Claims|Claimed|Killed|Generates|Files|Universität|Polizei|Ministerium|Gericht|Université|Ministère|Tribunal|Hôpital|Universidad|Ministerio|Policía|Uniwersytet|Policja|Sąd|Szpital)(?!\p{L})/u

const TITLED = new RegExp(`(?<![\\p{L}\\p{N}])(?:${TITLE}) (?:(?:${TITLE}) ){0,2}${ONE}`, 'gu')
const IN_ROLE = new RegExp(`(?<![\\p{L}\\p{N}])(?:${ROLE}),? ${TWO}`, 'gu')
const SPEAKING = new RegExp(
  `(?<![\\p{L}\\p{N}.])(?!(?:The|A|An|Der|Die|Das|Ein|Eine|Le|La|Les|Un|Une|El|Los|Las|Una) )${TWO}(?= (?:${SAID})(?!\\p{L}))`,
  'gu',
)
const CALLED = new RegExp(`(?<![\\p{L}\\p{N}])(?:${PHRASE}) ${TWO}`, 'gu')

export const PERSON_RULES: readonly LintRule[] = [
  {
    id: 'person',
    severity: 'ask',
    group: 'person',
    *find(text) {
      yield* matches(text, TITLED, isNamed)
      yield* matches(text, IN_ROLE, isNamed)
      yield* matches(text, SPEAKING, isNamed)
      yield* matches(text, CALLED, (_, start) => !OF_A_THING.test(text.slice(Math.max(0, start - 24), start)))
    },
  },
]

function isNamed(found: string): boolean {
  return !NO_NAME.test(found)
}
