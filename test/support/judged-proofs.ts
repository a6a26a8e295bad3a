/** Proofs of equivocation as a run made them, each judged by Go's `note` and `tlog`, and again with something altered in it. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEquivocation } from '../../protocol/log/equivocation-file.ts'
import { verifyEquivocation, type ProvenEquivocation } from '../../protocol/log/equivocation.ts'
import { portable } from '../../protocol/primitives.ts'
import type { ProofView } from '../../node/api/client.ts'
import { LIAR, logOf } from './five.ts'
import type { NodeProcess } from './process.ts'
import { buildGo, orSkip, type Ran } from './strangers.ts'

export class JudgedProofs {
  private readonly directory: string
  // Each file once, by its text. Written by `add` only.
  private readonly files = new Set<string>()

  constructor(directory: string) {
    this.directory = directory
  }

  /** What a file proves, by our own portable verifier; Go is asked in `judge`. */
  add(file: Uint8Array): ProvenEquivocation {
    const proven = provenBy(file)
    assert.ok(proven.ok)
    this.files.add(Buffer.from(file).toString())
    return proven.value
  }

  /** Of a node the proofs against this key of the liar, which is all that it holds against anybody and stands in its status. */
  async of(node: NodeProcess, convicts: ProofView['convicts']): Promise<readonly ProvenEquivocation[]> {
    const held = await node.client.evidenceList()
    const proven: ProvenEquivocation[] = []
    for (const one of held) {
      assert.equal(one.domain, LIAR)
      const file = await node.client.evidenceFile(one.id)
      if (one.convicts === convicts) proven.push(this.add(file))
    }
    assert.ok(proven.length > 0)
    const { problems } = await node.client.status()
    const named = problems.filter(({ code }) => code === 'SPLIT_VIEW').map(({ message }) => message)
    assert.ok(named.some((message) => message.includes(convicts === 'log' ? 'log' : `${convicts} key`)))
    const { state, frozen } = await logOf(node)
    if (convicts === 'log') assert.deepEqual([state, frozen === undefined], ['forked', false])
    return proven
  }

  /** Go comes to the same verdict over every file, and to the other one over every file with something altered. */
  async judge(context: Mocha.Context): Promise<void> {
    await orSkip(context, 'go')
    assert.ok(this.files.size > 0, 'no proof was made')
    const go = await buildGo(this.directory)
    const judged = async (text: string): Promise<Ran> => {
      const path = join(this.directory, 'proof.txt')
      writeFileSync(path, text)
      return go(['equivocation', path])
    }
    let refused = 0
    for (const text of this.files) {
      const { code, said } = await judged(text)
      assert.match(said, /^ok: the key of /)
      assert.equal(code, 0)
      for (const [what, altered] of alterations(text)) {
        assert.ok(!provenBy(Buffer.from(altered)).ok, what)
        const verdict = await judged(altered)
        assert.match(verdict.said, /^NOT SHOWN: /, `${what}:\n${altered}`)
        assert.equal(verdict.code, 1)
        refused += 1
      }
    }
    process.stdout.write(`      Go: ${this.files.size} proofs hold, ${refused} altered ones do not\n`)
  }
}

function provenBy(file: Uint8Array) {
  const claim = parseEquivocation(portable, file)
  return claim.ok ? verifyEquivocation(portable, claim.value) : claim
}

const FIELDS = ['header', 'kind', 'subject', 'a', 'b'] as const

/** A bit turned in the key, in each head, in each signature (and so in a cosigner's time) and in each hash; the sides changed; the proof cut. */
function alterations(text: string): readonly (readonly [what: string, text: string])[] {
  const lines = text.trimEnd().split('\n')
  const printed = (changed: readonly string[]) => `${changed.join('\n')}\n`
  const [, kind = '', subject = '', a = '', b = ''] = lines
  const [name, id, ...key] = subject.split('+')
  const found: [string, string][] = [
    ['the sides changed', printed(lines.with(3, `a ${b.slice(2)}`).with(4, `b ${a.slice(2)}`))],
    ['one head twice', printed(lines.with(4, `b ${a.slice(2)}`))],
    ['another kind', printed(lines.with(1, kind === 'kind size' ? 'kind tree' : 'kind size'))],
    ['another key', printed(lines.with(2, [name, id, turned(key.join('+'), 9)].join('+')))],
  ]
  for (const [at, side] of [
    [3, a],
    [4, b],
  ] as const) {
    // Of the kind leaf an inclusion proof stands before the note, ended by a blank line of its own.
    const text = Buffer.from(side.slice(2), 'base64').toString()
    const begin = kind === 'kind leaf' ? text.indexOf('\n\n') + 2 : 0
    for (const [what, altered] of alteredNotes(text.slice(begin))) {
      const line = `${FIELDS[at]} ${Buffer.from(text.slice(0, begin) + altered).toString('base64')}`
      found.push([`${what} of ${FIELDS[at]}`, printed(lines.with(at, line))])
    }
  }
  for (const at of lines.keys()) {
    const [word = '', hash = ''] = (lines[at] ?? '').split(' ')
    if (at >= FIELDS.length)
      found.push([`${word} ${at}`, printed(lines.with(at, `${word} ${turned(hash, 5)}`))])
  }
  if (lines.length > FIELDS.length) found.push(['the last hash cut off', printed(lines.slice(0, -1))])
  return found
}

function alteredNotes(note: string): readonly (readonly [what: string, note: string])[] {
  const [origin = '', size = '', root = '', , line = ''] = note.split('\n')
  const [dash, name, signature = ''] = line.split(' ')
  const printed = (changed: {
    readonly size?: string
    readonly root?: string
    readonly signature?: string
  }) => {
    const with_ = { size, root, signature, ...changed }
    return `${[origin, with_.size, with_.root, '', [dash, name, with_.signature].join(' ')].join('\n')}\n`
  }
  return [
    ['the size', printed({ size: `${Number(size) + 1}` })],
    ['the root', printed({ root: turned(root, 5) })],
    // After the four bytes of the key's id: of a cosigner the time, and then the signature.
    ['the beginning of the signature', printed({ signature: turned(signature, 11) })],
    ['the end of the signature', printed({ signature: turned(signature, -9) })],
  ]
}

/** One bit of base64 turned: in this byte, counted from the end where it is negative. */
function turned(base64: string, at: number): string {
  const bytes = Buffer.from(base64, 'base64')
  const index = at < 0 ? bytes.length + at : at
  return Buffer.from(bytes.with(index, (bytes[index] ?? 0) ^ 1)).toString('base64')
}
