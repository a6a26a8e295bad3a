/** Routes of disclosure. */
import type { Hono } from 'hono'
import * as v from 'valibot'
import type { AccessService } from './access-service.ts'
import { bodyOf, None, queryOf } from './request.ts'

const Short = v.pipe(v.string(), v.maxLength(200))
const Text = v.pipe(v.string(), v.maxLength(2_000))
const Days = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3_660))
const Step = v.union([
  v.pipe(v.string(), v.maxLength(200)),
  v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
])

const Request = v.strictObject({
  record: Short,
  author: v.exactOptional(Short),
  version: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  tier: v.picklist(['partner', 'research'], 'must be partner or research'),
  items: v.exactOptional(v.pipe(v.array(v.pipe(v.array(Step), v.maxLength(32))), v.maxLength(64))),
  purpose: Short,
  justification: Text,
  recipients: v.pipe(v.array(Short), v.maxLength(16)),
  days: Days,
  terms: v.exactOptional(v.pipe(v.string(), v.maxLength(64))),
})

const Ruling = v.variant('outcome', [
  v.strictObject({
    outcome: v.literal('allow'),
    by: Short,
    days: v.exactOptional(Days),
    rules: v.exactOptional(v.unknown()),
    mark: v.exactOptional(v.boolean()),
  }),
  v.strictObject({ outcome: v.literal('deny'), by: Short, reason: Short, note: v.exactOptional(Text) }),
])

const Redacting = v.strictObject({
  rules: v.unknown(),
  tier: v.exactOptional(v.picklist(['partner', 'research'], 'must be partner or research')),
})
const Derivation = v.strictObject({ rules: v.unknown() })
const Ending = v.strictObject({ reason: Short, note: v.exactOptional(Text), by: v.exactOptional(Short) })
const Appeal = v.strictObject({ reason: Text })
const Erasure = v.strictObject({
  tiers: v.pipe(
    v.array(v.picklist(['public', 'partner', 'research'], 'must be public, partner or research')),
    v.maxLength(3),
  ),
  basis: Short,
})
const Policy = v.strictObject({ text: v.pipe(v.string(), v.maxLength(262_144)) })
const ByState = v.strictObject({ state: v.exactOptional(Short) })

const Selection = v.strictObject({
  record: v.exactOptional(Short),
  party: v.exactOptional(Short),
  purpose: v.exactOptional(Short),
  matching: v.exactOptional(v.pipe(Short, v.minLength(3, 'must have three letters or more'))),
})

const Count = v.pipe(v.string(), v.regex(/^\d{1,9}$/, 'must be a count'), v.transform(Number))
const Page = v.strictObject({ from: v.optional(Count, '0'), count: v.optional(Count, '1000') })

export function addAccess(app: Hono, service: AccessService): void {
  app.get('/v1/access/requests', async (c) => {
    queryOf(c, None)
    return c.json(await service.requests())
  })
  app.post('/v1/access/requests', async (c) => {
    queryOf(c, None)
    return c.json(await service.requestDetail(await bodyOf(c, Request)), 201)
  })
  app.get('/v1/access/requests/:id', async (c) => c.json(await service.request(c.req.param('id'))))
  app.post('/v1/access/requests/:id/fetch', async (c) => c.json(await service.fetchDetail(c.req.param('id'))))
  app.post('/v1/access/requests/:id/appeal', async (c) => {
    const { reason } = await bodyOf(c, Appeal)
    return c.json(await service.appeal(c.req.param('id'), reason), 201)
  })
  app.get('/v1/access/cases', async (c) => c.json(await service.cases(queryOf(c, ByState).state)))
  app.get('/v1/access/cases/:id', async (c) => c.json(await service.case(c.req.param('id'))))
  app.post('/v1/access/cases/:id/ruling', async (c) =>
    c.json(await service.rule(c.req.param('id'), await bodyOf(c, Ruling)), 201),
  )
  app.post('/v1/access/cases/:id/revocation', async (c) => {
    const { reason, note, by } = await bodyOf(c, Ending)
    return c.json(await service.revoke(c.req.param('id'), reason, note, by), 201)
  })
  app.get('/v1/access/trail', async (c) => {
    const { from, count } = queryOf(c, Page)
    return c.json(await service.trail(from, count))
  })
  app.get('/v1/access/trail/file', async (c) => {
    queryOf(c, None)
    return c.text(await service.trailFile())
  })
  app.get('/v1/access/disclosures', async (c) => c.text(await service.disclosureFile(queryOf(c, Selection))))
  app.post('/v1/access/redactions/:id', async (c) =>
    c.json(await service.previewRedaction(c.req.param('id'), await bodyOf(c, Redacting))),
  )
  app.post('/v1/access/derivations/:id', async (c) => {
    const { rules } = await bodyOf(c, Derivation)
    return c.json(await service.writePartner(c.req.param('id'), rules), 201)
  })
  app.get('/v1/access/reach/:record', async (c) => c.json(await service.reach(c.req.param('record'))))
  app.post('/v1/access/erasures/:record', async (c) =>
    c.json(await service.erase(c.req.param('record'), await bodyOf(c, Erasure)), 201),
  )
  app.get('/v1/access/policy', async (c) => c.json(await service.disclosurePolicy()))
  app.post('/v1/access/policy/check', async (c) => {
    const { text } = await bodyOf(c, Policy)
    return c.json(await service.checkDisclosurePolicy(text))
  })
  app.put('/v1/access/policy', async (c) => {
    const { text } = await bodyOf(c, Policy)
    return c.json(await service.putDisclosurePolicy(text))
  })
}
