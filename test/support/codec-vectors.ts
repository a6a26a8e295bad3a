/**
 * Makes the vector files of spec 01. `node dist/test/support/codec-vectors.js --write` writes them; the tests
 * make them again and compare every byte.
 */
import { sign } from '@noble/ed25519'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { encode, type Value } from '../../protocol/codec/cbor.ts'
import { printDisclosure } from '../../protocol/codec/disclosure.ts'
import type { Header } from '../../protocol/codec/header.ts'
import { disclose, flatten, makeItemTree } from '../../protocol/codec/items.ts'
import { ABSENT_PART, commit, publicContent, TIERS, type PartContent } from '../../protocol/codec/part.ts'
import { prepareEntry, sealEntry, statementId, type Statement } from '../../protocol/codec/statement.ts'
import { leafHash } from '../../protocol/log/merkle.ts'
import { portable } from '../../protocol/primitives.ts'
import { ACCEPTED, REFUSED } from './cbor-cases.ts'
import { ENVELOPE_CASES, HEADER_CASES, STATEMENT_CASES } from './entry-cases.ts'
import { DOCUMENT, OPENING, REFUSED_DISCLOSURES, TIER_SECRET } from './item-cases.ts'
import { hex, jsonOfValue } from './notation.ts'
import { FULL_STATEMENT, headerFor, ORIGIN, publicKeyOf, SEED, STATEMENT } from './statements.ts'

/** File name under `test/vectors/` to its exact text. */
export function codecVectors(): ReadonlyMap<string, string> {
  const files = {
    cbor: cborVectors(),
    statement: statementVectors(),
    part: partVectors(),
    items: itemVectors(),
  }
  return new Map(
    Object.entries(files).map(([name, value]) => [`${name}.json`, `${JSON.stringify(value, null, 1)}\n`]),
  )
}

function cborVectors(): unknown {
  return {
    description: 'The deterministic CBOR profile of spec 01 §2. "$bytes" marks a byte string in hexadecimal.',
    accepted: ACCEPTED.map(([name, bytes, value]) => ({ name, value: jsonOfValue(value), hex: bytes })),
    refused: REFUSED.map(([name, bytes, fault]) => ({ name, hex: bytes, fault })),
  }
}

function statementVectors(): unknown {
  const refused = [...ENVELOPE_CASES, ...HEADER_CASES, ...STATEMENT_CASES]
  return {
    description:
      'Statements and entries of spec 01 §4. All bytes are in hexadecimal; the signatures are real.',
    seed: hex(SEED),
    publicKey: hex(publicKeyOf(SEED)),
    accepted: [
      entryVector('an incident', STATEMENT, {}),
      entryVector('a dispute with a target and heads seen', FULL_STATEMENT, {}),
      entryVector('algorithm -19 (Ed25519)', STATEMENT, { algorithm: -19 }),
      entryVector('issued at 1970-01-01T00Z', STATEMENT, { issuedAt: 0 }),
    ],
    refused: refused.map(([name, bytes, fault]) => ({ name, entry: hex(bytes), fault })),
  }
}

function entryVector(name: string, statement: Statement, changes: Partial<Header>): unknown {
  const header = headerFor(statement, changes)
  const prepared = prepareEntry(statement, header)
  const signature = sign(prepared.toBeSigned, SEED)
  const entry = sealEntry(prepared, signature)
  return {
    name,
    header: { ...header, keyId: hex(header.keyId) },
    statement: jsonOfStatement(statement),
    protected: hex(prepared.protected),
    payload: hex(prepared.payload),
    toBeSigned: hex(prepared.toBeSigned),
    statementId: hex(statementId(portable, prepared)),
    signature: hex(signature),
    entry: hex(entry),
    leafHash: hex(leafHash(portable, entry)),
  }
}

function jsonOfStatement({ kind, record, version, on, parts, seen }: Statement): unknown {
  return {
    kind,
    record: hex(record),
    version,
    on: on && { ...on, leaf: hex(on.leaf) },
    parts: parts.map(hex),
    ...(seen && { seen: seen.map((head) => ({ ...head, root: hex(head.root) })) }),
  }
}

function partVectors(): unknown {
  const document = encode({ title: 'Nothing happened' })
  const contents: readonly [string, PartContent][] = [
    ['a public document', publicContent(portable, 'application/vnd.candor.document+cbor', document)],
    ['an absent part', ABSENT_PART],
    ['a tree of items', makeItemTree(portable, TIER_SECRET, flatten(DOCUMENT)).content],
  ]
  return {
    description: 'Commitments of spec 01 §5, each at the place named. All bytes are in hexadecimal.',
    document: hex(document),
    opening: hex(OPENING),
    issuer: ORIGIN,
    record: hex(STATEMENT.record),
    version: STATEMENT.version,
    commitments: contents.flatMap(([name, content]) =>
      TIERS.map((tier) => {
        const place = { issuer: ORIGIN, record: STATEMENT.record, version: STATEMENT.version, tier }
        const commitment = commit(portable, OPENING, place, content)
        return { name, tier, ...content, root: hex(content.root), commitment: hex(commitment) }
      }),
    ),
  }
}

function itemVectors(): unknown {
  const tree = makeItemTree(portable, TIER_SECRET, flatten(DOCUMENT))
  const choices: readonly [string, (path: readonly (string | number)[]) => boolean][] = [
    ['nothing', () => false],
    ['the narrative', ([first]) => first === 'narrative'],
    ['the timeline', ([first]) => first === 'timeline'],
    ['everything', () => true],
  ]
  return {
    description: 'The salted tree of items of spec 01 §6. A leaf without a path is a decoy.',
    document: jsonOfValue(DOCUMENT),
    documentCbor: hex(encode(DOCUMENT)),
    tierSecret: hex(TIER_SECRET),
    leaves: tree.leaves.map(({ hash, item, salt }) => ({
      ...(item && { path: item.path, value: jsonOfValue(item.value) }),
      salt: hex(salt),
      hash: hex(hash),
    })),
    length: tree.content.length,
    root: hex(tree.content.root),
    disclosures: choices.map(([name, chosen]) => ({
      name,
      disclosure: hex(printDisclosure(disclose(portable, tree, chosen))),
    })),
    refused: REFUSED_DISCLOSURES.map(([name, value, fault]: readonly [string, Value, string]) => ({
      name,
      disclosure: hex(encode(value)),
      fault,
    })),
  }
}

const isProgram = process.argv[1] === fileURLToPath(import.meta.url)
if (isProgram && process.argv[2] === '--write') {
  for (const [name, text] of codecVectors()) writeFileSync(`test/vectors/${name}`, text)
}
