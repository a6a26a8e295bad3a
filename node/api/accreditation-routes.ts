/** Routes of accreditations. */
import type { Hono } from 'hono'
import * as v from 'valibot'
import type { AccreditationService } from './accreditation-service.ts'
import { bodyOf, None, queryOf, tokenOf } from './request.ts'

const Short = v.pipe(v.string(), v.maxLength(200))
const List = v.pipe(v.array(Short), v.maxLength(64))
const days = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most))

const Application = v.strictObject({
  v: v.literal(1),
  network: Short,
  body: Short,
  statementKey: Short,
  boxKey: Short,
  possession: Short,
})
const Accrediting = v.strictObject({
  application: Application,
  tiers: List,
  purposes: List,
  sectors: v.exactOptional(List),
  days: days(90),
})
const Ending = v.strictObject({ reason: Short })
const Suspending = v.strictObject({ reason: Short, days: days(14) })
const OfBody = v.strictObject({ body: Short })

export function addAccreditations(app: Hono, service: AccreditationService): void {
  app.get('/v1/accreditations', async (c) => {
    queryOf(c, None)
    return c.json(await service.accreditations())
  })
  app.get('/v1/accreditations/application', async (c) =>
    c.json(await service.application(queryOf(c, OfBody).body)),
  )
  app.post('/v1/accreditations', async (c) => {
    const { application, ...options } = await bodyOf(c, Accrediting)
    return c.json(await service.accredit(application, options, tokenOf(c)), 201)
  })
  app.post('/v1/accreditations/:id/endorsement', async (c) =>
    c.json(await service.endorse(c.req.param('id'), tokenOf(c)), 201),
  )
  app.post('/v1/accreditations/:id/revocation', async (c) => {
    const { reason } = await bodyOf(c, Ending)
    return c.json(await service.revokeAccreditation(c.req.param('id'), reason, tokenOf(c)), 201)
  })
  app.post('/v1/accreditations/:id/suspension', async (c) => {
    const { reason, days: wanted } = await bodyOf(c, Suspending)
    return c.json(await service.suspendAccreditation(c.req.param('id'), reason, wanted, tokenOf(c)), 201)
  })
}
