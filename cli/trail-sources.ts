/** What audit trails are held against: the logs of their members as a node holds them, and the keys of whoever signed. */
import { checkedPrimitives, NodeError, type Client } from '../node/api/client.ts'
import { parseBase64, printHex } from '../protocol/bytes.ts'
import type { PartyKey } from '../protocol/audit/trail-party.ts'
import type { TrailSources } from '../protocol/audit/trail.ts'
import type { TrailFile } from '../protocol/audit/trail-file.ts'
import type { MemberLog } from '../protocol/audit/trail-log.ts'
import { domainOf, signedIn, statementsIn } from '../protocol/audit/trail-steps.ts'
import { parseEntry, type Entry } from '../protocol/codec/statement.ts'
import { admitKey, keyId } from '../protocol/identity/key.ts'
import { appendLeaf, edgeRoot, EMPTY_EDGE, leafHash } from '../protocol/log/merkle.ts'

/** Entries that the node is asked for at once. */
const READ_ENTRIES = 256

export class Keys {
  private readonly known = new Map<string, PartyKey>()
  private readonly asked = new Set<string>()
  private readonly client: Client

  private constructor(client: Client) {
    this.client = client
  }

  /** Of everybody whose statements stand in these trails, as far as the node knows them. */
  static async of(client: Client, files: readonly TrailFile[]): Promise<Keys> {
    const keys = new Keys(client)
    for (const { statementKey } of await client.accreditations()) keys.learn(statementKey, null)
    for (const file of files) {
      await keys.ask(domainOf(file.origin))
      for (const domain of partiesIn(file)) await keys.ask(domain)
    }
    return keys
  }

  get(id: string): PartyKey | undefined {
    return this.known.get(id)
  }

  /** Somebody without a log, an accredited researcher say, has no keys in one. */
  private async ask(domain: string): Promise<void> {
    if (this.asked.has(domain)) return
    this.asked.add(domain)
    const { keys } = await this.client.keys(domain).catch((error: unknown) => {
      if (error instanceof NodeError && error.code === 'NOT_FOUND') return { keys: [] }
      throw error
    })
    for (const { purpose, publicKey } of keys) if (purpose === 'statement') this.learn(publicKey, domain)
  }

  private learn(base64: string, party: string | null): void {
    const bytes = parseBase64(base64)
    const key = bytes.ok ? admitKey(bytes.value) : undefined
    if (key?.ok !== true) return
    const id = printHex(keyId(checkedPrimitives(), key.value))
    this.known.set(id, { key: key.value, parties: [...(this.known.get(id)?.parties ?? []), party] })
  }
}

function partiesIn({ lines }: TrailFile): ReadonlySet<string> {
  const domains = new Set<string>()
  for (const line of lines) {
    if (line.kind === 'pruned') continue
    for (const bytes of statementsIn(line.entry)) {
      const statement = signedIn(bytes)?.statement
      if (statement === undefined) continue
      const of = 'owner' in statement ? statement.owner : null
      const from = 'from' in statement ? statement.from : null
      for (const origin of [of, from]) if (origin !== null) domains.add(domainOf(origin))
    }
  }
  return domains
}

/** The logs of the member of this trail, of all its epochs, read from the node. */
export async function sourcesOf(client: Client, keys: Keys, file: TrailFile): Promise<TrailSources> {
  const held = (await client.logs()).filter(({ origin }) => domainOf(origin) === domainOf(file.origin))
  const logs: MemberLog[] = []
  for (const { origin } of held) logs.push(await logOf(client, file, origin))
  return { logs: logs.filter(({ size }) => size > 0), keyOf: (id) => keys.get(id) }
}

async function logOf(client: Client, file: TrailFile, origin: string): Promise<MemberLog> {
  const primitives = checkedPrimitives()
  const named = file.logs.find((log) => log.origin === origin)?.size ?? 0
  const access = new Map<number, Entry>()
  let edge = EMPTY_EDGE
  let root = named === 0 ? edgeRoot(primitives, edge) : undefined
  for (;;) {
    const { entries } = await client.entries(origin, edge.size, READ_ENTRIES)
    if (entries.length === 0) return { origin, size: edge.size, root, access }
    for (const bytes of entries) {
      const entry = parseEntry(bytes)
      if (entry.ok && entry.value.statement.kind === 'access') access.set(edge.size, entry.value)
      edge = appendLeaf(primitives, edge, leafHash(primitives, bytes))
      if (edge.size === named) root = edgeRoot(primitives, edge)
    }
  }
}
