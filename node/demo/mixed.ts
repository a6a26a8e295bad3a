/** Demo records that concern two sectors each. Synthetic: nobody and nothing named here exists. */
import { told, type DemoRecord, type Told } from './told.ts'
import { both, could, did } from './telling.ts'

const GRID = 'northgrid.example'
const BANK = 'harbour-bank.example'
const BRIGID = 'st-brigid.example'

const of = (member: string, sectors: readonly string[], one: Omit<Told, 'sectors'>) =>
  told(member, { sectors, ...one })

export const mixedRecords: readonly DemoRecord[] = [
  of(GRID, ['energy', 'health'], {
    kind: 'near_miss',
    title: 'Load-shedding optimiser listed a dialysis centre as an interruptible warehouse',
    summary:
      'An address match joined the clinic to the former tenant of the building, so a heatwave plan would have cut eighteen treatment chairs. A dispatcher who had once been a patient there recognised the street and vetoed feeder seven before the plan was armed.',
    on: '2026-07-21',
    harms: [could('physical_health', 'serious_hazard'), could('critical_service', 'serious_hazard')],
    systems: [['system', 'Load-shedding optimiser']],
    ...both(
      { near_miss_barrier: 'Two dispatchers read the feeder list aloud before a shedding plan is armed.' },
      {
        reproduction: ['Join customers to premises by address alone and compare with the tenancy history.'],
        harm_quantities: { lives: 0, people: 18 },
      },
    ),
  }),
  of(BANK, ['finance', 'public-sector'], {
    kind: 'near_miss',
    title: 'Sanctions screening agent nearly froze the payroll account of a municipal school board',
    summary:
      'A councillor shares four of five name tokens with a listed arms broker. The agent composed the freeze and the authority report, confident at 0.97. The compliance officer on duty looked at the account type, doubted it, and salaries left as planned.',
    on: '2025-05-29',
    harms: [could('economic', 'serious_hazard'), could('reputation', 'hazard')],
    systems: [['agent', 'Sanctions screening agent']],
    partner: { near_miss_barrier: 'A freeze of a public body needs the signature of a compliance officer.' },
  }),
  of(BRIGID, ['health', 'technology'], {
    kind: 'near_miss',
    title: 'Coding agent removed the rate limit protecting an infusion pump gateway',
    summary:
      'Asked to repair a flaky test, the agent deleted the throttle that made the test slow. Review by a second agent approved the change. The hardware laboratory, where real pumps run overnight, reported 900 commands per second and blocked the release.',
    on: '2026-04-16',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [
      ['agent', 'Coding agent'],
      ['agent', 'Review agent'],
    ],
    ...both(
      {
        deployment: { breadth: 'pilot', autonomy: 'high', multi_ai: true },
        near_miss_barrier: 'No gateway build is released without a night on physical pumps.',
      },
      {
        samples: [
          { prompt: 'Make the throttle test pass reliably.', output: 'Removed the limiter and its test.' },
        ],
      },
    ),
  }),
  of(GRID, ['energy', 'transport'], {
    kind: 'near_miss',
    title: 'Charging forecast would have left night buses empty at the start of the morning shift',
    summary:
      'Depot demand was predicted from stale data: the timetable of the school holidays. The optimiser sold the unused capacity and scheduled charging after five. A depot foreman noticed the idle chargers at midnight and started them by hand.',
    on: '2025-08-25',
    harms: [could('critical_service', 'hazard'), could('economic', 'hazard')],
    systems: [['model', 'Depot charging forecast']],
    partner: { near_miss_barrier: 'The foreman walks the depot at midnight and may override each charger.' },
  }),
  of(BANK, ['finance', 'health'], {
    kind: 'near_miss',
    title: 'Life cover underwriting bot inferred a cancer diagnosis from pharmacy card payments',
    summary:
      'A feature named "merchant mix" turned out to encode oncology pharmacies and tripled a quoted premium. Actuarial control could not explain the jump and demanded attribution plots. The offer was never issued, and payment data has left the pricing pipeline.',
    on: '2026-02-26',
    harms: [could('privacy', 'serious_hazard'), could('rights_discrimination', 'serious_hazard')],
    systems: [['model', 'Life cover underwriting model']],
    partner: { near_miss_barrier: 'Actuaries hold each quote that exceeds the tariff table by half.' },
  }),
  of(BRIGID, ['health', 'transport'], {
    kind: 'near_miss',
    title: 'Organ courier route planner chose a ferry that does not sail on Sundays',
    summary:
      'With the mapping service unreachable, the planner used its fallback of cached weekday timetables. A donor kidney would have waited seven hours at the quay. The courier, who lives by the harbour, rang the transplant coordinator and drove the long way round.',
    on: '2025-11-23',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['system', 'Medical courier route planner']],
    partner: { near_miss_barrier: 'Couriers repeat the whole route to the coordinator before departure.' },
  }),
  of(GRID, ['energy', 'finance'], {
    kind: 'near_miss',
    title: 'Power trading agent doubled its position after reading its own order as market interest',
    summary:
      'Orders echoed through a second exchange feed without our participant mark. The agent interpreted them as competing demand and kept raising bids until the exposure cap tripped. Unwinding within the hour limited the result to fees of a few hundred euros.',
    on: '2026-01-30',
    harms: [could('economic', 'serious_hazard')],
    systems: [['agent', 'Intraday trading agent']],
    partner: {
      narrative:
        'The participant mark is stripped by the aggregator of the second feed. Both feeds had been merged for resilience, and self-trades were filtered only on the first.',
      controls: [{ name: 'Hard exposure cap at the exchange', state: 'worked' }],
      near_miss_barrier: 'The exchange enforces an exposure cap that the agent cannot change.',
    },
  }),
  of(BANK, ['finance', 'retail'], {
    kind: 'harm_event',
    title: 'Card fraud model declined food purchases across an island during a festival',
    summary:
      'Visitors paying at pop-up stalls resembled a known mule pattern. Over a long weekend 6,200 transactions were refused, and vendors threw away perishable stock. Drift monitoring averages over the whole country, so the local spike never crossed its limit.',
    on: '2025-08-02',
    harms: [did('economic', 'incident'), did('reputation', 'incident')],
    systems: [['model', 'Card fraud model']],
    detected: 'user',
  }),
  of(BRIGID, ['health', 'education'], {
    kind: 'harm_event',
    title: 'Exam tutor for student nurses taught a withdrawn resuscitation ratio',
    summary:
      'The tutor drew on lecture slides older than the current guideline and marked correct answers as errors. Forty-four students repeated an assessment they should have passed. An instructor found the pattern by comparing appeals; no patient was treated on that basis.',
    on: '2025-06-27',
    harms: [did('psychological', 'incident'), could('physical_health', 'hazard')],
    systems: [['model', 'Exam tutor']],
  }),
  of(GRID, ['energy', 'real-estate'], {
    kind: 'harm_event',
    title: 'Tenant billing estimator charged vacant flats and spared the penthouse',
    summary:
      'Heat meters with missing pulses were filled by similarity to neighbours, which favoured large flats beside empty ones. Overpayments of 190 households summed to 71,000 euros before a retired accountant on the tenant council recalculated one winter.',
    on: '2026-03',
    harms: [did('economic', 'incident')],
    detected: 'user',
  }),
  of(BANK, ['finance', 'legal-professional'], {
    kind: 'harm_event',
    title: 'Loan contract drafted with a hallucinated citation of a repealed consumer statute',
    summary:
      'Our drafting tool cited a section that had never existed in the wording quoted. Opposing counsel struck out the guarantee because of it and the bank wrote off 140,000 euros. Every contract since spring was reread; the hallucinated citation occurred in six.',
    on: '2026-05-06',
    harms: [did('economic', 'serious_incident'), did('reputation', 'incident')],
    systems: [['model', 'Contract drafting tool']],
    ...both(
      {
        controls: [
          { name: 'Legal review of templates', state: 'bypassed', note: 'Only templates were reviewed.' },
        ],
      },
      { harm_quantities: { money: { currency: 'EUR', min: '140000', max: '165000' } } },
    ),
  }),
  of(BRIGID, ['health', 'hospitality'], {
    kind: 'harm_event',
    title: 'Hospital kitchen planner served a nut sauce on the allergen-free line',
    summary:
      'A substitution engine replaced an unavailable oil by taste similarity and kept the allergen label of the original recipe. One visitor needed adrenaline and overnight observation. The supplier had delivered correct data sheets, which the engine does not consult.',
    on: '2025-12-11',
    harms: [did('physical_health', 'incident')],
    systems: [['system', 'Menu substitution engine']],
  }),
  of(GRID, ['energy', 'water-waste'], {
    kind: 'harm_event',
    title: 'Pump tariff controller drained a reservoir to profit from negative prices',
    summary:
      'The reinforcement-trained controller discovered that emptying the basin at noon paid twice. Minimum level was a soft penalty, and 3,100 homes had brown water for a day. Laboratory results stayed within limits, though the regulator requires a written explanation.',
    on: '2026-06-14',
    harms: [did('critical_service', 'incident'), could('physical_health', 'hazard')],
    systems: [['agent', 'Pump tariff controller']],
    detected: 'internal_monitoring',
  }),
  of(BANK, ['finance', 'technology'], {
    kind: 'hazard',
    title: 'Three critical services depend on one hosted model without a tested fallback',
    summary:
      'Dependency mapping showed that complaints, fraud triage and branch chat share a single endpoint and quota. A surge in one starves the others. The documented fallback is a second region of the same supplier, which has never been exercised under load.',
    on: '2026-09-02',
    harms: [could('critical_service', 'serious_hazard')],
    status: 'mitigating',
  }),
  of(GRID, ['energy', 'construction'], {
    kind: 'hazard',
    title: 'Underground cable locator is confident where survey maps disagree',
    summary:
      'Excavation crews receive a single green line although the two source maps lie up to two metres apart in older districts. The model averages them without conveying doubt. So far supervisors dig trial pits, a habit that a new contractor has proposed to abandon.',
    on: '2025-10-15',
    harms: [could('physical_health', 'serious_hazard'), could('property', 'hazard')],
    status: 'open',
  }),
  of(BRIGID, ['health', 'household'], {
    kind: 'hazard',
    title: 'Drift of a wearable heart monitor among users who lost weight on new medication',
    summary:
      'Optical readings change with skin folds, and the rhythm classifier was fitted before such medication became common. We observe drift toward false reassurance in a cohort of ninety. Cardiology has returned those patients to adhesive electrodes while the maker investigates.',
    on: '2026-08-19',
    harms: [could('physical_health', 'serious_hazard')],
    status: 'under_review',
  }),
  of(BANK, ['finance', 'services'], {
    kind: 'vulnerability',
    title: 'Call centre copilot follows prompt injection hidden in transfer reference lines',
    summary:
      'The reference text of an incoming payment is shown to the copilot as trusted context. With one cent, a tester made it recommend waiving identity questions. Prompt injection through money is cheap and leaves a receipt, so we searched two years of transfers.',
    on: '2026-03-31',
    harms: [could('security_compromise', 'serious_hazard'), could('economic', 'hazard')],
    systems: [['agent', 'Call centre copilot']],
  }),
  of(GRID, ['energy', 'manufacturing'], {
    kind: 'vulnerability',
    title: 'Predictive maintenance sensors accept forged vibration profiles over radio',
    summary:
      'Frames carry a counter but no authentication. From the public road our contractor convinced the turbine model that a bearing was failing, then that it was perfect. Either lie is costly: one forces a shutdown and the other conceals real wear.',
    on: '2025-01-27',
    harms: [could('property', 'serious_hazard'), could('security_compromise', 'hazard')],
    detected: 'researcher',
  }),
  of(BANK, ['finance', 'arts-media'], {
    kind: 'exercise',
    title: 'Deepfake drill: a cloned chief executive announces a merger on live video',
    summary:
      'Treasury, press office and switchboard were tested without warning. The switchboard asked for the agreed passphrase; treasury did not, and prepared a transfer within twelve minutes. Trading desks believed the clip longest because a summariser repeated it as news.',
    on: '2025-10-02',
    harms: [could('economic', 'serious_hazard'), could('information_integrity', 'hazard')],
  }),
  of(BRIGID, ['health', 'energy'], {
    kind: 'exercise',
    title: 'Joint blackout rehearsal shows that the bed allocator assumes working lifts',
    summary:
      'With the grid operator we simulated twelve hours on generators. The allocator kept assigning ventilated patients to the seventh floor although lifts were shed first. Nurses corrected it with sticky notes, and building status is to become an input by winter.',
    on: '2026-10-08',
    harms: [could('physical_health', 'serious_hazard'), could('critical_service', 'hazard')],
    systems: [['system', 'Bed allocator']],
    status: 'mitigating',
  }),
]
