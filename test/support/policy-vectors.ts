/** Makes `test/vectors/log/policy.json`: policy texts by hand, heads and cosignatures by node:crypto. */
import { cosignature, cosignedBy, line, signature, vkey } from './reference-notes.ts'

export type PolicyVectors = {
  readonly description: string
  readonly heads: Readonly<Record<string, string>>
  readonly cases: readonly PolicyCase[]
}

export type PolicyCase = {
  readonly name: string
  readonly policy: string
  /** `ok`, or the fault of reading and its line. */
  readonly read: string
  readonly line?: number
  /** For each head: `met`, `not-met`, `unwitnessed`, or the fault of judging. */
  readonly heads?: Readonly<Record<string, string>>
}

const NETWORK = `${'candor'.repeat(8)}abca`
const ORIGIN = `m1.example/candor/${NETWORK}/1`
const LOG_SEED = Buffer.alloc(32, 1)
const TIME = 1_700_000_000
const LOG = vkey(ORIGIN, 1, LOG_SEED)
const seedOf = (n: number) => Buffer.alloc(32, 100 + n)
const nameOf = (n: number) => `m${n}.example/candor/mirror`
const [M1 = '', M2 = '', M3 = '', M4 = '', M5 = ''] = [1, 2, 3, 4, 5].map((n) =>
  vkey(nameOf(n), 4, seedOf(n)),
)
const OUTSIDE = vkey('witness.example', 4, seedOf(9))

export function policyVectors(): PolicyVectors {
  const text = `${ORIGIN}\n7\n${Buffer.alloc(32, 5).toString('base64')}\n`
  const bare = `${text}\n${line(ORIGIN, 1, LOG_SEED, signature(LOG_SEED, text))}`
  const by = (...mirrors: readonly number[]) =>
    bare +
    mirrors
      .map((n) => cosignedBy(n === 9 ? 'witness.example' : nameOf(n), seedOf(n), text, TIME + n))
      .join('')
  const mirrors = `log ${LOG}\nwitness a ${M2}\nwitness b ${M3}\nwitness c ${M4}\nwitness d ${M5}\n`
  const three = `${mirrors}group mirrors 3 a b c d\nquorum mirrors\n`
  const both = `${mirrors}witness o ${OUTSIDE} https://witness.example/\ngroup mirrors 3 a b c d\ngroup outside any o\ngroup both all mirrors outside\nquorum both\n`
  const refused = (name: string, policy: string, read: string, at: number): PolicyCase => ({
    name,
    policy,
    read,
    line: at,
  })
  return {
    description:
      'C2SP trust policies (spec 03 §11), and what each says of each head. The log is of m1.example, whose own mirror never counts.',
    heads: {
      alone: bare,
      three: by(2, 3, 4),
      two: by(2, 3),
      'two and its own': by(1, 2, 3),
      'three and an outsider': by(2, 3, 4, 9),
      'a bad line': by(2, 3) + line(nameOf(4), 4, seedOf(4), cosignature(text, TIME, TIME + 1, seedOf(4))),
      unsigned: by(2, 3, 4).replace(bare, `${text}\n`),
    },
    cases: [
      {
        name: 'three of four mirrors',
        policy: three,
        read: 'ok',
        heads: {
          alone: 'not-met',
          three: 'met',
          two: 'not-met',
          'two and its own': 'not-met',
          'three and an outsider': 'met',
          'a bad line': 'cosignature-invalid',
          unsigned: 'head-unsigned',
        },
      },
      {
        name: 'and one outside witness',
        policy: both,
        read: 'ok',
        heads: { three: 'not-met', 'three and an outsider': 'met' },
      },
      {
        name: 'its own mirror in the group',
        policy: `log ${LOG}\nwitness own ${M1}\nwitness a ${M2}\nwitness b ${M3}\ngroup mirrors 3 own a b\nquorum mirrors\n`,
        read: 'ok',
        heads: { 'two and its own': 'not-met', three: 'not-met' },
      },
      {
        name: 'no cosignature asked for',
        policy: `log ${LOG}\nquorum none\n`,
        read: 'ok',
        heads: { alone: 'unwitnessed', three: 'unwitnessed' },
      },
      {
        name: 'one witness alone',
        policy: `${mirrors}quorum b\n`,
        read: 'ok',
        heads: { two: 'met', alone: 'not-met' },
      },
      {
        name: 'tabs, comments and empty lines',
        policy: `# policy\n\n \t log\t${LOG} \n  # more\nwitness a\t ${M2} http://a.example/\ngroup g all a\nquorum g\n`,
        read: 'ok',
        heads: { two: 'met' },
      },
      {
        name: 'another log',
        policy: `log ${vkey(`${ORIGIN}1`, 1, LOG_SEED)}\nquorum none\n`,
        read: 'ok',
        heads: { alone: 'policy-log' },
      },
      {
        name: 'another key',
        policy: `log ${vkey(ORIGIN, 1, seedOf(3))}\nquorum none\n`,
        read: 'ok',
        heads: { alone: 'head-unsigned' },
      },
      {
        name: 'two keys of one log',
        policy: `log ${vkey(ORIGIN, 1, seedOf(3))}\nlog ${LOG}\nquorum none\n`,
        read: 'ok',
        heads: { alone: 'unwitnessed' },
      },
      refused('no newline at the end', three.trimEnd(), 'policy-line', 7),
      refused('a carriage return', three.replaceAll('\n', '\r\n'), 'policy-control', 1),
      refused('an unknown word', `logs ${LOG}\n`, 'policy-line', 1),
      refused('a word too many', `log ${LOG} url more\n`, 'policy-line', 1),
      refused('a witness without key', 'witness a\n', 'policy-line', 1),
      refused('a cosigner as log', `log ${M2}\n`, 'policy-key', 1),
      refused('a log as witness', `witness a ${LOG}\n`, 'policy-key', 1),
      refused('a key that is none', `log ${LOG.slice(0, -4)}\n`, 'policy-key', 1),
      refused('a key twice', `${mirrors}witness e ${vkey('e', 4, seedOf(2))}\n`, 'policy-key-twice', 6),
      refused('a name twice', `witness a ${M2}\nwitness a ${M3}\n`, 'policy-name', 2),
      refused('a witness called none', `witness none ${M2}\n`, 'policy-name', 1),
      refused('an unknown member', `${mirrors}group g 1 a z\n`, 'policy-name', 6),
      refused('a member below', `group g 1 a\nwitness a ${M2}\n`, 'policy-name', 1),
      refused('a member of two groups', `${mirrors}group g any a b\ngroup h any b c\n`, 'policy-name', 7),
      refused('a member twice', `${mirrors}group g 2 a a\n`, 'policy-name', 6),
      refused('a group without members', `${mirrors}group g any\n`, 'policy-line', 6),
      refused('none as a member', `${mirrors}group g any none\n`, 'policy-name', 6),
      refused('a threshold of nothing', `${mirrors}group g 0 a\n`, 'policy-threshold', 6),
      refused('a threshold with a leading zero', `${mirrors}group g 01 a\n`, 'policy-threshold', 6),
      refused('a threshold above the group', `${mirrors}group g 3 a b\n`, 'policy-threshold', 6),
      refused('no quorum', mirrors, 'policy-quorum', 5),
      refused('two quorums', 'quorum none\nquorum none\n', 'policy-quorum', 2),
      refused('an unknown quorum', 'quorum all\n', 'policy-name', 1),
      refused('a quorum of two', `${mirrors}quorum a b\n`, 'policy-line', 6),
    ],
  }
}
