/** Demo records of finance and insurance. Synthetic: no bank, customer or payment of this kind exists. */
import { told, type DemoRecord, type Told } from './told.ts'
import { both, could, did } from './telling.ts'

const finance = (one: Omit<Told, 'sectors'>) => told('harbour-bank.example', { sectors: ['finance'], ...one })

export const financeRecords: readonly DemoRecord[] = [
  finance({
    kind: 'near_miss',
    title: 'Payment repair agent proposed stale beneficiary accounts for 57 rejected transfers',
    summary:
      'Rejected transfers were matched to a copy of the customer register that had not been refreshed for sixteen days. Stale data led to closed or reassigned accounts. The second approver of the evening batch recognised a name that had moved to another bank.',
    description:
      'The agent reads a replica to spare the core system. Replication had stopped after a storage change and its alarm went to a retired team. Total value of the batch was 1.9 million euros, of which 1.1 million would have gone to accounts with a different holder.',
    on: '2026-03-23',
    harms: [could('economic', 'serious_hazard'), could('privacy', 'hazard')],
    systems: [['agent', 'Payment repair agent']],
    detected: 'internal_report',
    ...both(
      {
        timeline: [
          { at: '2026-03-07', text: 'Replication stops; the alarm reaches nobody.' },
          { at: '2026-03-23T17Z', text: 'The agent repairs 57 transfers with high confidence.' },
          { at: '2026-03-23T18Z', text: 'The second approver stops the batch and calls operations.' },
        ],
        controls: [
          { name: 'Age limit on reference data', state: 'absent' },
          { name: 'Alarm on replication', state: 'failed' },
          { name: 'Second approver', state: 'worked' },
        ],
        deployment: { breadth: 'narrow', autonomy: 'low', critical_function: true },
        near_miss_barrier:
          'Every repaired payment over 500 euros is released by a second person who sees both names.',
        clocks: [{ regime: 'dora/major-incident', aware_at: '2026-03-23', state: 'not_applicable' }],
      },
      {
        manifest: [
          {
            path: 'repairs/batch-2026-03-23.csv',
            digest: 'sha256:0b7e94f1d2c35a68e4719f80ba26cd53917e08f6a4d2bb1c5f3e6078d9a1c24e',
            bytes: 18_332,
            schema: 'case, proposed_age_days, confidence, approver_action',
            rows: 57,
            licence: 'research use under data-use terms',
          },
        ],
        reproduction: [
          'Freeze the replica, close a test account, and submit a transfer with a wrong check digit.',
        ],
        harm_quantities: { people: 57, money: { currency: 'EUR', min: '0', max: '0' } },
        data_use_terms:
          'Pseudonymised. For work on controls in payment operations; delete after twelve months.',
      },
    ),
  }),
  finance({
    kind: 'near_miss',
    title: 'Credit limit model went to release with one feature of inverted sign',
    summary:
      'A refactored pipeline stored months since last arrears as a negative number, so recent defaulters looked the safest. The model beat its predecessor on average. Release was refused because limits for a reference portfolio of forty invented customers moved the wrong way.',
    on: '2025-07-09',
    harms: [could('economic', 'serious_hazard')],
    systems: [['model', 'Card limit model']],
    detected: 'automated',
    partner: {
      near_miss_barrier:
        'Forty invented customers with agreed outcomes must be ranked as agreed before any release.',
      controls: [
        { name: 'Comparison of aggregate performance', state: 'failed' },
        { name: 'Reference portfolio', state: 'worked' },
      ],
    },
  }),
  finance({
    kind: 'near_miss',
    title: 'Money-laundering alert summary left out the one company that mattered',
    summary:
      'The summariser shortened a chain of seven transfers and dropped an intermediary whose name resembled the customer\'s. It concluded "payments within one group". An analyst who reads every tenth case from the source saw a listed shipping agent.',
    on: '2026-01-28',
    harms: [could('economic', 'hazard'), could('security_compromise', 'hazard')],
    systems: [['model', 'Alert summariser']],
    detected: 'internal_report',
    partner: {
      narrative:
        'Name matching in the summary prompt merged entities with an edit distance below three. The intermediary differed by two letters. Fourteen earlier summaries contained the same merger; all fourteen cases were read again and none changed its outcome.',
      near_miss_barrier:
        'One case in ten is worked from the source by somebody who has not seen the summary.',
    },
  }),
  finance({
    kind: 'near_miss',
    title: 'Liquidity forecast overlooked a bank holiday in two of our currencies',
    summary:
      'A calendar service returned an empty list instead of an error, and the model planned outflows for a day on which nothing settles. The morning plan was short by 210 million Danish kroner. A manual buffer, criticised as outdated in spring, covered the gap.',
    on: '2025-05-29',
    harms: [could('economic', 'serious_hazard')],
    systems: [['model', 'Intraday liquidity forecast']],
    regions: ['DK', 'NO'],
    partner: {
      near_miss_barrier:
        'Treasury holds a buffer that no forecast may reduce below the worst day of five years.',
    },
  }),
  finance({
    kind: 'near_miss',
    title: 'Cloned voice of a shipowner asked for the release of 2.4 million dollars',
    summary:
      'The caller knew the vessel, the broker and the nickname of the relationship manager. Our speech verification gave 97 percent. The manager followed the rule for new beneficiaries and called the number on file, where the real client was having lunch.',
    on: '2026-05-19',
    harms: [could('economic', 'serious_hazard'), could('security_compromise', 'serious_hazard')],
    systems: [['model', 'Voice verification']],
    detected: 'internal_report',
    partner: {
      timeline: [
        {
          at: '2026-05-12',
          tactic: 'AML.TA0002',
          technique: 'AML.T0087',
          text: 'A survey call records eleven minutes of the client.',
        },
        {
          at: '2026-05-19',
          tactic: 'AML.TA0004',
          technique: 'AML.T0052.001',
          text: 'The call arrives ten minutes before cut-off.',
        },
      ],
      near_miss_barrier:
        'A first payment to a new account is confirmed by calling the number on file, without exception.',
      indicators: [
        { type: 'call-behaviour', value: 'constant background noise, no overlap with the speaker' },
      ],
    },
  }),
  finance({
    kind: 'near_miss',
    title: 'Chat assistant named a single share to a customer who had asked about saving for a car',
    summary:
      'Investment advice is outside its permission. Retrieved marketing text had an enthusiastic tone and the assistant passed it on as a suggestion. The suitability filter replaced the answer with an offer to see an adviser and opened a case.',
    on: '2025-10-07',
    harms: [could('economic', 'hazard')],
    systems: [['model', 'Customer chat assistant']],
    detected: 'automated',
    partner: {
      near_miss_barrier:
        'Answers that name a security are withheld unless the session holds a suitability profile.',
      contact: { role: 'Conduct risk officer' },
    },
  }),
  finance({
    kind: 'near_miss',
    title: 'Farm valuation read hectares as acres and doubled the proposed mortgage',
    summary:
      'Land registers of a newly served county give areas without a unit. The valuation model assumed the unit most frequent in its training data. A surveyor who visits one farm in twenty walked the boundary and asked where the other half was.',
    on: '2025-03-17',
    harms: [could('economic', 'hazard')],
    systems: [['model', 'Collateral valuation']],
    partner: {
      near_miss_barrier: 'A surveyor visits one property in twenty, drawn by lot and not by score.',
    },
  }),
  finance({
    kind: 'near_miss',
    title: 'Supplier exchanged the model behind the affordability endpoint without notice',
    summary:
      'The interface, its version and its price stayed the same, but answers to our fixed probe set changed overnight for one case in nine. The gateway compares a daily fingerprint and fell back to manual assessment before branches opened.',
    on: '2026-07-14',
    harms: [could('rights_discrimination', 'hazard'), could('economic', 'hazard')],
    systems: [['model', 'Affordability score']],
    detected: 'automated',
    status: 'under_review',
    partner: {
      near_miss_barrier:
        'Two hundred fixed questions are asked each night; another fingerprint closes the gateway.',
    },
  }),
  finance({
    kind: 'harm_event',
    title: 'Overdraft pricing charged more where two postcodes stood for country of birth',
    summary:
      "Price elasticity was learned per postcode. In two districts it followed migration and not income, and 8,400 customers paid up to four points more for equal risk. The supervisor's sample found the pattern; we repaid 1.2 million euros with interest.",
    on: '2025-01',
    harms: [did('rights_discrimination', 'serious_incident'), did('economic', 'incident')],
    systems: [['model', 'Overdraft pricing']],
    detected: 'regulator',
    ...both(
      {
        controls: [
          {
            name: 'Test for indirect discrimination',
            state: 'bypassed',
            note: 'Pricing was not in its scope.',
          },
        ],
        clocks: [
          {
            regime: 'national-supervisor/conduct',
            aware_at: '2025-06-02',
            due: '2025-07-02',
            state: 'closed',
          },
        ],
      },
      {
        harm_quantities: { people: 8_400, money: { currency: 'EUR', min: '1180000', max: '1230000' } },
        manifest: [
          {
            path: 'pricing/district-effects.csv',
            digest: 'sha256:c81d5e07a94b62f3108e7dd9463fb5a2e6c0917b84fd23a5be60d1974a8f3c52',
            bytes: 91_264,
            rows: 1_204,
          },
        ],
      },
    ),
  }),
  finance({
    kind: 'harm_event',
    title: 'Account monitoring closed the accounts of seasonal farm workers on payday',
    summary:
      'Several wages from one employer, cash withdrawals within the hour and identical addresses matched a pattern of money mules. 131 people lost access to their wages for up to six days at the end of the harvest. The hostel they shared was the address.',
    on: '2025-09-26',
    harms: [did('economic', 'incident'), did('rights_discrimination', 'incident')],
    systems: [['model', 'Mule account detection']],
    detected: 'media',
  }),
  finance({
    kind: 'harm_event',
    title: 'Storm claims were underpaid because photographs were taken after the clearing up',
    summary:
      'The estimator compares damage in pictures. Households that had removed fallen trees before photographing received a median of 38 percent of the later assessment. Older customers were affected most, as neighbours had helped them first.',
    on: '2025-11-11',
    harms: [did('economic', 'incident'), did('rights_discrimination', 'incident')],
    systems: [['model', 'Damage estimator']],
    detected: 'user',
    status: 'mitigating',
  }),
  finance({
    kind: 'harm_event',
    title: 'Collections bot kept writing to a widow about the debts of her late husband',
    summary:
      'The notice of death was recorded in the mortgage system, which the bot does not read. It sent nineteen messages in a friendly tone over seven weeks, one of them on the day of the funeral. Her complaint was first answered by the bot.',
    on: '2026-02-09',
    harms: [did('psychological', 'incident')],
    systems: [['agent', 'Collections bot']],
    detected: 'user',
    partner: {
      controls: [
        { name: 'Single register of deaths', state: 'absent' },
        { name: 'Route from complaint to person', state: 'failed' },
      ],
    },
  }),
  finance({
    kind: 'harm_event',
    title: 'Savings plans were rebalanced on a fund price with a misplaced decimal point',
    summary:
      'A price of 10.42 arrived as 104.2. The allocation engine sold the "risen" fund for 5,300 plans within minutes. Reversal cost clients 0.4 percent on average, which we replaced. The anomaly model had been trained to ignore large but clean jumps.',
    on: '2026-04-16',
    harms: [did('economic', 'incident')],
    systems: [
      ['system', 'Allocation engine'],
      ['model', 'Price anomaly model'],
    ],
    detected: 'internal_monitoring',
    partner: {
      timeline: [
        { at: '2026-04-16T07Z', text: 'The price file arrives; the anomaly score is 0.08.' },
        { at: '2026-04-16T07Z', text: 'Orders for 5,300 plans are sent.' },
        { at: '2026-04-16T09Z', text: 'The fund company calls; trading is halted.' },
      ],
    },
  }),
  finance({
    kind: 'harm_event',
    title: 'Selfie check locked out customers with facial paralysis',
    summary:
      'A liveness test asks for a smile and reads both corners of the mouth. Customers with a palsy failed it repeatedly and were blocked as suspected fraud; 29 are known. The alternative, a branch visit, was not offered in the app.',
    on: '2026-06-30',
    harms: [did('rights_discrimination', 'incident')],
    systems: [['model', 'Liveness check']],
    detected: 'user',
  }),
  finance({
    kind: 'harm_event',
    title: 'Assistant told callers the balance of whoever had held the line before them',
    summary:
      "After a network change, telephone sessions were recycled without clearing the assistant's memory. During 46 minutes, 74 callers heard a balance or a last payment that was not theirs. Two recognised a neighbour.",
    on: '2025-12-15',
    harms: [did('privacy', 'serious_incident')],
    systems: [['agent', 'Telephone assistant']],
    detected: 'user',
    partner: {
      clocks: [{ regime: 'gdpr/33', aware_at: '2025-12-15', due: '2025-12-18', state: 'filed' }],
      contact: { role: 'Data protection officer' },
    },
  }),
]
