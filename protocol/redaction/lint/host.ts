/** Names of machines that only their owner's network knows. */
import { matches, runBefore, type LintRule, type Span } from './span.ts'

const SUFFIX =
  /\.(?:local|localdomain|internal|intern|interno|interne|corp|lan|intra|intranet|home\.arpa)(?![\p{L}\p{N}_-]|\.[\p{L}\p{N}])/giu
const NAME = /[\p{L}\p{N}._-]/u
/** RFC 1035 §2.3.4. */
const NAME_LENGTH_MAX = 253

const BARE =
  /(?<![\p{L}\p{N}_./@-])(?:host|srv|server|node|db|sql|web|vm|dc|nas|app|prod|dev|stg|stage|esx|esxi|fs|ns|gpu|worker|k8s|kube|proxy|vpn|gw|fw|mx|bastion|jump|pc|laptop|ws)(?:-[a-z]{1,12}){0,3}-[a-z]{0,8}\d{1,4}(?![\p{L}\p{N}_-]|\.\d)/giu

export const HOST_RULES: readonly LintRule[] = [
  { id: 'internal-host', severity: 'block', group: 'host', find: internal },
  { id: 'bare-host', severity: 'ask', group: 'host', find: (text) => matches(text, BARE) },
]

function* internal(text: string): Generator<Span> {
  for (const found of text.matchAll(SUFFIX)) {
    const start = runBefore(text, found.index, NAME, NAME_LENGTH_MAX)
    // `.env.local` is a file that every project has.
    if (start < found.index && text.charAt(start) !== '.')
      yield { start, length: found.index + found[0].length - start }
  }
}
