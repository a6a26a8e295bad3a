/**
 * Drafts and the outbox: what is not yet in the log. Sealed like everything that is not public, because a draft
 * is at its most restrictive tier until it is published. A draft's id is the record id it will have.
 */
import { encode, parse, type Value } from '../../protocol/codec/cbor.ts'
import { isBytes, isCount, isList, isMap, type MapValue } from '../../protocol/codec/value.ts'
import type { KeyValue, Operation, Sealer } from '../ports.ts'
import { after, keyOf } from './prefixes.ts'

export type Draft = {
  /** 16 bytes: the record id. */
  readonly record: Uint8Array
  readonly version: number
  readonly kind: string
  readonly public: MapValue
  readonly partner?: MapValue
  readonly research?: MapValue
  /** Milliseconds since 1970. */
  readonly createdAt: number
  /** Findings of the linter that a person let pass. */
  readonly suppressed?: readonly Suppression[]
}

/** One finding let pass: the rule, at which path of which tier, why, by whom, when (milliseconds since 1970). */
export type Suppression = {
  readonly rule: string
  readonly tier: string
  readonly path: string
  readonly reason: string
  readonly by: string
  readonly at: number
}

/** A draft on its way: it goes into the log when its hold ends, unless it is cancelled. */
export type Held = { readonly record: Uint8Array; readonly until: number }

export class Drafts {
  private readonly store: KeyValue
  private readonly sealer: Sealer

  constructor(store: KeyValue, sealer: Sealer) {
    this.store = store
    this.sealer = sealer
  }

  putOperation(draft: Draft): Operation {
    const key = keyOf('draft', draft.record)
    return { type: 'put', key, value: this.sealer.seal(key, encode(valueOf(draft))) }
  }

  holdOperation({ record, until }: Held): Operation {
    return { type: 'put', key: keyOf('outbox', record), value: encode(until) }
  }

  /** Written with the entry that a draft becomes, so that it is never in both places or in neither. */
  removeOperations(record: Uint8Array): readonly Operation[] {
    return [
      { type: 'del', key: keyOf('draft', record) },
      { type: 'del', key: keyOf('outbox', record) },
    ]
  }

  /** What was let pass stays on record with the entry that a draft becomes. */
  suppressedOperations({ record, suppressed = [] }: Draft): readonly Operation[] {
    if (suppressed.length === 0) return []
    const key = keyOf('suppressed', record)
    return [{ type: 'put', key, value: this.sealer.seal(key, encode(suppressed.map((one) => ({ ...one })))) }]
  }

  /** What was let pass of a published record. */
  async suppressedIn(record: Uint8Array): Promise<readonly Suppression[]> {
    const key = keyOf('suppressed', record)
    const sealed = await this.store.get(key)
    const read = sealed === undefined ? undefined : parse(this.sealer.open(key, sealed))
    return read?.ok === true ? suppressionsOf(read.value) : []
  }

  async put(draft: Draft): Promise<void> {
    await this.store.batch([this.putOperation(draft)], 'durable')
  }

  async hold(held: Held): Promise<void> {
    await this.store.batch([this.holdOperation(held)], 'durable')
  }

  /** Takes a draft out of the outbox; it stays a draft. False when it was not there. */
  async cancel(record: Uint8Array): Promise<boolean> {
    const key = keyOf('outbox', record)
    if ((await this.store.get(key)) === undefined) return false
    await this.store.batch([{ type: 'del', key }], 'durable')
    return true
  }

  async remove(record: Uint8Array): Promise<void> {
    await this.store.batch(this.removeOperations(record), 'durable')
  }

  async get(record: Uint8Array): Promise<Draft | undefined> {
    const key = keyOf('draft', record)
    const sealed = await this.store.get(key)
    return sealed === undefined ? undefined : draftOf(this.sealer.open(key, sealed))
  }

  async *all(prefix: Uint8Array = new Uint8Array(0)): AsyncGenerator<Draft> {
    const start = keyOf('draft', prefix)
    for await (const [key, sealed] of this.store.iterate({ gte: start, lt: after(start) })) {
      const draft = draftOf(this.sealer.open(key, sealed))
      if (draft !== undefined) yield draft
    }
  }

  async held(): Promise<readonly Held[]> {
    const start = keyOf('outbox')
    const held: Held[] = []
    for await (const [key, value] of this.store.iterate({ gte: start, lt: after(start) })) {
      const until = parse(value)
      if (until.ok && isCount(until.value)) held.push({ record: key.slice(1), until: until.value })
    }
    return held
  }
}

function valueOf({ suppressed, ...draft }: Draft): Value {
  return suppressed === undefined ? draft : { ...draft, suppressed: suppressed.map((one) => ({ ...one })) }
}

function draftOf(bytes: Uint8Array): Draft | undefined {
  const read = parse(bytes)
  if (!read.ok || !isMap(read.value)) return undefined
  const { record, version, kind, createdAt, partner, research } = read.value
  const open: Value | undefined = read.value['public']
  if (!isBytes(record, 16) || !isCount(version) || typeof kind !== 'string' || !isCount(createdAt))
    return undefined
  if (!isMap(open)) return undefined
  const suppressed = suppressionsOf(read.value['suppressed'])
  const draft: Draft = { record, version, kind, public: open, createdAt }
  return {
    ...draft,
    ...(isMap(partner) ? { partner } : {}),
    ...(isMap(research) ? { research } : {}),
    ...(suppressed.length > 0 ? { suppressed } : {}),
  }
}

function suppressionsOf(value: Value | undefined): readonly Suppression[] {
  if (!isList(value)) return []
  return value.flatMap((one): readonly Suppression[] => {
    if (!isMap(one)) return []
    const { rule, tier, path, reason, by, at } = one
    if (typeof rule !== 'string' || typeof tier !== 'string' || typeof path !== 'string') return []
    if (typeof reason !== 'string' || typeof by !== 'string' || !isCount(at)) return []
    return [{ rule, tier, path, reason, by, at }]
  })
}
