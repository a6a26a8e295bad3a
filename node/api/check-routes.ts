/** The routes of the check before publishing: findings, what is let pass, approvals, and the trail of them. */
import type { Hono } from 'hono'
import type { CheckService } from './check-service.ts'
import * as request from './request.ts'

export function addChecks(app: Hono, service: CheckService): void {
  app.get('/v1/drafts/:id/check', async (c) => {
    request.queryOf(c, request.None)
    return c.json(await service.checkDraft(c.req.param('id')))
  })
  app.post('/v1/drafts/:id/suppressions', async (c) => {
    request.queryOf(c, request.None)
    const options = await request.bodyOf(c, request.Suppressing)
    return c.json(await service.suppress(c.req.param('id'), options, request.tokenOf(c)), 201)
  })
  app.post('/v1/drafts/:id/approvals', async (c) => {
    request.queryOf(c, request.None)
    const { confirmed } = await request.bodyOf(c, request.Approving)
    return c.json(await service.approve(c.req.param('id'), confirmed, request.tokenOf(c)), 201)
  })
  app.get('/v1/records/:id/publication', async (c) => {
    request.queryOf(c, request.None)
    return c.json(await service.publicationTrail(c.req.param('id')))
  })
}
