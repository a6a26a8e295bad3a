/** Checks one bundle once, in a process that has started and done nothing else: `FILE TRUST`; prints milliseconds. */
import '../node/runtime.ts'
import { checkedPrimitives } from '../node/api/client.ts'
import { readBundle } from '../cli/bundle-file.ts'
import { trustFrom } from '../cli/trust.ts'
import { checkBundle } from '../protocol/audit/bundle-check.ts'
import { verdictOfBundle } from '../protocol/audit/bundle-verdict.ts'

const [file = '', brought = ''] = process.argv.slice(2)
// The self-test belongs to the start of every program that verifies (DESIGN §2).
const primitives = checkedPrimitives()
const begun = performance.now()
const { bundle } = readBundle(file)
const { trust } = trustFrom(brought, bundle.policy)
const verdict = verdictOfBundle(checkBundle(primitives, bundle, trust))
const milliseconds = performance.now() - begun
if (verdict !== 'verified') throw new Error(`the bundle is ${verdict}`)
process.stdout.write(`${milliseconds}\n`)
