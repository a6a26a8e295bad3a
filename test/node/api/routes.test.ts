import assert from 'node:assert/strict'
import type { ImportProgress, Service, Upload } from '../../../node/api/client.ts'
import { raw, refusal, serving } from '../../support/api.ts'
import { DETAIL, DRAFT, HEAD, ORIGIN, PROOF, RECORD, ROW, STATEMENT } from '../../support/fake-service.ts'

function upload(path: string, text: string, bytes = Buffer.byteLength(text)): Upload {
  return {
    path,
    bytes,
    body: (async function* body() {
      yield Buffer.from(text)
    })(),
  }
}

async function* each<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describe('the routes of the API', () => {
  it('take a proof as it is, and give it back as it is', async () => {
    await serving({}, async ({ client, fake }) => {
      assert.deepEqual(await client.evidenceList(), [PROOF])
      assert.equal(Buffer.from(await client.evidenceFile('5555')).toString(), 'candor/equivocation@v1\n')
      assert.deepEqual(await client.addEvidence(Buffer.from('abc')), { state: 'new', proof: PROOF })
      await client.addEvidence(Buffer.from('abcd'), { checkOnly: true })
      assert.deepEqual(fake.calls.slice(2), ['addEvidence 3 false', 'addEvidence 4 true'])
      await assert.rejects(client.addEvidence(Buffer.alloc(40_000)), { code: 'TOO_LARGE' })
      assert.deepEqual((await client.addBundle(Buffer.alloc(40_000))).heads, {
        agree: 2,
        wait: 1,
        passedOver: 0,
      })
      await assert.rejects(client.addBundle(Buffer.alloc(1_048_577)), { code: 'TOO_LARGE' })
    })
  })

  it('answer what the service says, the same at the other end', async () => {
    await serving({}, async ({ client, fake }) => {
      assert.deepEqual(await client.record(RECORD, 'a.example'), DETAIL)
      assert.deepEqual(await client.records({ kind: 'near_miss', limit: 5 }), {
        heads: [HEAD],
        total: 1,
        items: [ROW],
      })
      assert.deepEqual(await client.draft(RECORD), DRAFT)
      assert.equal(Buffer.from(await client.charter()).toString(), 'charter')
      assert.equal((await client.whoami()).peerId, '12D3KooW')
      assert.deepEqual(await client.peers(), [])
      assert.equal((await client.logs()).length, 1)
      assert.ok(fake.calls.includes('records {"kind":"near_miss","limit":5}'))
      assert.ok(fake.calls.includes('record a.example'))
    })
  })

  it('carry bytes for verifiers unchanged', async () => {
    await serving({}, async ({ client, fake }) => {
      const range = await client.entries(ORIGIN, 1, 2)
      assert.equal(Buffer.from(range.entries[0] ?? []).toString(), 'entry')
      assert.equal(range.parts[0]?.[1], 'text/plain')
      assert.equal(range.parts[1], null)
      const [evidence] = await client.evidence(RECORD, undefined)
      assert.equal(Buffer.from(evidence?.note ?? []).toString(), 'note\n')
      assert.equal((await client.inclusion(undefined, 1, undefined)).proof.length, 1)
      assert.equal((await client.consistency(ORIGIN, 1, 2)).length, 1)
      assert.equal(Buffer.from(await client.head(undefined)).toString(), 'note\n')
      assert.equal(Buffer.from(await client.policy('a.example')).toString(), 'quorum none\n')
      assert.ok(fake.calls.includes('policy a.example'))
      assert.ok(fake.calls.includes(`entries ${ORIGIN} 1 2`))
      assert.ok(fake.calls.includes('inclusion undefined 1 undefined'))
    })
  })

  it('cut an answer of long entries so that it stays readable', async () => {
    const part = [Buffer.alloc(32), 'text/plain', Buffer.alloc(65_000)] as const
    const entries: Service['entries'] = (_, from, count) =>
      Promise.resolve({
        from,
        entries: Array.from({ length: count }, () => Buffer.alloc(400)),
        parts: Array.from({ length: count }, () => part),
      })
    await serving({ entries }, async ({ client }) => {
      const { entries } = await client.entries(ORIGIN, 0, 64)
      assert.ok(entries.length >= 1 && entries.length < 64)
    })
  })

  it('write drafts, publish them and attest', async () => {
    await serving({}, async ({ client, fake }) => {
      const content = { kind: 'incident', public: { title: 'x' } }
      assert.equal((await client.addDraft(content)).id, RECORD)
      assert.equal((await client.publishDraft(RECORD, 0)).state, 'logged')
      assert.equal((await client.publishDraft(RECORD, undefined)).state, 'held')
      assert.equal((await client.cancel(RECORD)).id, RECORD)
      await client.dropDraft(RECORD)
      assert.equal((await client.attest(RECORD, undefined, content)).state, 'logged')
      assert.deepEqual(fake.calls.slice(0, 3), [
        `addDraft ${JSON.stringify(content)}`,
        `publishDraft ${RECORD} 0`,
        `publishDraft ${RECORD} undefined`,
      ])
    })
  })

  it('take files as one stream and say what became of each', async () => {
    await serving({}, async ({ client }) => {
      const uploads = each(upload('a.json', '{}'), upload('empty', ''), upload('b.json', 'x'.repeat(200_000)))
      const events = await all(client.importFiles(uploads, { format: 'avid', publish: false, dryRun: false }))
      assert.deepEqual(
        events.map((event) => (event.event === 'imported' ? event.externalId : event.event)),
        ['a.json:2', 'empty:0', 'b.json:200000', 'done'],
      )
    })
  })

  it('say each event when it is so, while files still come', async () => {
    await serving({}, async ({ client }) => {
      const seen: string[] = []
      const uploads = (async function* uploads() {
        yield upload('first', 'x')
        while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
        yield upload('second', 'x')
      })()
      for await (const event of client.importFiles(uploads, {
        format: 'avid',
        publish: false,
        dryRun: false,
      })) {
        seen.push(event.event)
      }
      assert.deepEqual(seen, ['imported', 'imported', 'done'])
    })
  })

  it('skip what a reader leaves of a file', async () => {
    const importFiles: Service['importFiles'] = async function* importFiles(
      uploads,
    ): AsyncGenerator<ImportProgress> {
      for await (const { path } of uploads) yield { event: 'skipped', name: path, reason: 'not read' }
    }
    await serving({ importFiles }, async ({ client }) => {
      const uploads = each(upload('a', 'x'.repeat(100_000)), upload('b', 'y'))
      const events = await all(client.importFiles(uploads, { format: 'aiid', publish: true, dryRun: true }))
      assert.deepEqual(
        events.map((event) => ('name' in event ? event.name : '')),
        ['a', 'b'],
      )
    })
  })

  it('export lines: the heads first', async () => {
    await serving({}, async ({ client }) => {
      const [heads, record] = await all(client.exportRecords({}))
      assert.equal(heads?.item, 'heads')
      assert.deepEqual(record?.item === 'record' && record.statement, STATEMENT)
    })
  })

  it('stop the node', async () => {
    await serving({}, async ({ client, fake }) => {
      await client.stop()
      assert.deepEqual(fake.calls, ['stop'])
    })
  })
})

describe('early ends', () => {
  const options = { format: 'avid', publish: false, dryRun: false }

  it('of a reader end the source', async () => {
    const end = Promise.withResolvers<void>()
    const exportRecords: Service['exportRecords'] = async function* exportRecords() {
      try {
        for (;;) yield { item: 'record', statement: STATEMENT }
      } finally {
        end.resolve()
      }
    }
    await serving({ exportRecords }, async ({ client, errors }) => {
      for await (const _ of client.exportRecords({})) break
      await end.promise
      assert.deepEqual(errors, [])
    })
  })

  it('of an upload are told to the importer, and the node lives on', async () => {
    await serving({}, async ({ client }) => {
      const broken = each(upload('a.json', 'abc', 5))
      await assert.rejects(all(client.importFiles(broken, options)), refusal('CONFLICT', /changed its size/))
      assert.equal((await client.status()).state, 'ok')
    })
  })

  it('of a body in the middle of a file are an error of the request', async () => {
    await serving({}, async ({ socket }) => {
      for (const body of [
        '{"path":"a","bytes":10}\nabc',
        '{"path":"a"}\n',
        'no line',
        `${'x'.repeat(9_000)}\n`,
      ]) {
        const answer = await raw(socket, '/v1/imports/avid', { method: 'POST', body })
        assert.match(answer.body, /ended early or is not a sequence/)
      }
    })
  })

  it('of patience are told', async () => {
    const status = () => new Promise<never>(() => undefined)
    await serving(
      { status },
      ({ client }) => assert.rejects(client.status(), refusal('NODE_UNREACHABLE', /did not answer within/)),
      50,
    )
  })
})
