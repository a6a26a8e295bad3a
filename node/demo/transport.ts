/** Demo records of transport and storage. Synthetic: no line, vehicle or passenger of this kind exists. */
import { told, type DemoRecord, type Told } from './told.ts'
import { both, could, did } from './telling.ts'

type Trip = Omit<Told, 'sectors'>

const transport = (member: string, one: Trip) => told(member, { sectors: ['transport'], ...one })
const grid = (one: Trip) => transport('northgrid.example', one)
const bank = (one: Trip) => transport('harbour-bank.example', one)
const brigid = (one: Trip) => transport('st-brigid.example', one)

export const transportRecords: readonly DemoRecord[] = [
  brigid({
    kind: 'near_miss',
    title: 'Ambulance routing led a crew towards a bridge that had closed that morning',
    summary:
      'Road closures reach the route planner once a day, and stale data showed the bridge as open. The detour would have cost fourteen minutes with a cardiac arrest on board. The dispatcher read the closure from a sheet pinned beside the screen and called the crew.',
    on: '2026-01-19',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['system', 'Ambulance route planner']],
    detected: 'internal_report',
    regions: ['IE'],
    ...both(
      {
        timeline: [
          { at: '2026-01-19T06Z', text: 'The county closes the bridge because of flooding.' },
          {
            at: '2026-01-19T11Z',
            text: 'The planner proposes the bridge; estimated arrival in six minutes.',
          },
          { at: '2026-01-19T11Z', text: 'The dispatcher overrides the route by radio.' },
        ],
        controls: [
          {
            name: 'Live closure feed',
            state: 'absent',
            note: 'The county offers one; it was never connected.',
          },
          { name: 'Printed closure sheet', state: 'worked' },
        ],
        deployment: { breadth: 'broad', autonomy: 'low', critical_function: true },
        near_miss_barrier: 'Each shift starts with a printed list of closures that two dispatchers sign.',
      },
      {
        manifest: [
          {
            path: 'routing/closures-vs-routes-2025q4.csv',
            digest: 'sha256:7a2c90fe41b86d35c0e97f1248ba63d5f09e1c74a8532db6ef40917c3d5ba682',
            bytes: 204_551,
            schema: 'hour, closure_id, age_hours, routes_crossing',
            rows: 2_208,
            licence: 'research use under data-use terms',
          },
        ],
        data_use_terms: 'Hours and road segments only. Linking to calls or patients is not permitted.',
      },
    ),
  }),
  grid({
    kind: 'near_miss',
    title: 'Depot shuttle did not recognise a mechanic kneeling beside a charging post',
    summary:
      'The shuttle slowed for standing people and had hardly ever seen anybody on their knees. It approached at walking pace while the mechanic wore ear protection. A light curtain around the post, installed for forklifts, cut its drive two metres away.',
    on: '2025-10-22',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['agent', 'Depot shuttle']],
    detected: 'internal_report',
    partner: {
      near_miss_barrier: 'Light curtains around charging posts cut the drive without asking the shuttle.',
      controls: [
        { name: 'Person detection', state: 'failed', note: 'Score 0.19 for the kneeling figure.' },
        { name: 'Light curtain', state: 'worked' },
      ],
    },
  }),
  grid({
    kind: 'near_miss',
    title: 'Level crossing camera took a stuck wheelchair for a shadow at dusk',
    summary:
      'The classifier reported a clear crossing 40 seconds before a regional train. Low sun had stretched the shadow of a mast over the rails and similar scenes were labelled empty. The radar interlock, which may only ever say no, kept the signal at danger.',
    on: '2025-11-06',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['model', 'Crossing occupancy classifier']],
    detected: 'automated',
    ...both(
      {
        narrative:
          'The camera is an addition that should shorten waiting times. During the trial it had released the crossing 61,000 times and never wrongly. Training images of wheelchairs were taken at noon. The camera has lost its authority to release until the radar agrees on every class of road user.',
        near_miss_barrier: 'A radar interlock can veto a release and knows nothing of the camera.',
        deployment: { breadth: 'pilot', autonomy: 'high', critical_function: true },
      },
      { reproduction: ['Place a folding wheelchair on the test crossing with the sun below ten degrees.'] },
    ),
  }),
  grid({
    kind: 'near_miss',
    title: 'Brake wear forecast passed a coach whose two axle sensors had been swapped',
    summary:
      "After a repair the sensors reported each other's axle. Wear looked even and the forecast extended the interval by eight weeks. An apprentice measured the pads during a tyre change because his instructor insists on it; one was down to the plate.",
    on: '2026-02-26',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['model', 'Brake wear forecast']],
    partner: {
      near_miss_barrier: 'Pads are measured by hand whenever a wheel is off, whatever the forecast says.',
    },
  }),
  grid({
    kind: 'near_miss',
    title: 'Loading optimiser stacked a freight wagon in pounds that had been declared in kilograms',
    summary:
      'A new shipper sent weights without units. The optimiser compared them with its history and chose the more frequent unit of that port. The wagon would have exceeded its axle load by 70 percent on a viaduct. A weighbridge at the yard exit stopped it.',
    on: '2025-04-29',
    harms: [could('property', 'serious_hazard'), could('physical_health', 'hazard')],
    systems: [['system', 'Wagon loading optimiser']],
    partner: {
      near_miss_barrier: 'Every wagon crosses a weighbridge before the line signal can be requested.',
    },
  }),
  brigid({
    kind: 'near_miss',
    title: 'Patient transport planner gave the only oxygen vehicle to two clinics at once',
    summary:
      'The planner treats equipment as a label and may share it when trips overlap by less than ten minutes. Two patients depended on oxygen that afternoon. The driver noticed that his second stop lay an hour behind the first and telephoned the ward.',
    on: '2026-06-16',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['system', 'Patient transport planner']],
    detected: 'internal_report',
    partner: {
      near_miss_barrier: 'Drivers read their whole day aloud with the ward before the first departure.',
    },
  }),
  brigid({
    kind: 'near_miss',
    title: 'Blood delivery drone planned its flight through a newly opened helicopter corridor',
    summary:
      'The corridor had been announced in a format that the planner skips as commentary. Both flights would have crossed at ninety metres in mist. The airspace service refused the plan and the samples travelled by car, arriving nineteen minutes later.',
    on: '2026-09-09',
    harms: [could('physical_health', 'serious_hazard'), could('property', 'hazard')],
    systems: [['agent', 'Drone flight planner']],
    detected: 'automated',
    status: 'under_review',
    partner: {
      near_miss_barrier: 'No take-off without an authorisation from the airspace service for that very plan.',
    },
  }),
  bank({
    kind: 'near_miss',
    title: 'Telematics score was about to end the cover of 340 lorries that use one tunnel',
    summary:
      'Positions jump when the tunnel releases the vehicles, which the score read as 190 km/h. Termination letters were generated for a whole haulage cooperative. A rule that no more than fifty covers end in one day without an underwriter held them.',
    on: '2025-08-04',
    harms: [could('economic', 'serious_hazard')],
    systems: [['model', 'Telematics risk score']],
    partner: {
      near_miss_barrier: 'More than fifty terminations on one day wait for an underwriter.',
      indicators: [
        { type: 'signal-pattern', value: 'speed above 150 km/h for one sample, followed by zero' },
      ],
    },
  }),
  grid({
    kind: 'harm_event',
    title: 'Arrival boards announced ghost buses for a week after a timetable change',
    summary:
      'Predictions fell back to the old timetable for lines without live positions, and the boards did not say so. Some 1,100 passengers waited for night buses that no longer ran, in frost on three nights. Two were treated for hypothermia.',
    on: '2026-01-05',
    harms: [did('physical_health', 'incident'), did('information_integrity', 'incident')],
    systems: [['model', 'Arrival prediction']],
    detected: 'user',
    partner: {
      controls: [
        { name: 'Marking of fallback predictions', state: 'absent' },
        { name: 'Timetable hand-over test', state: 'bypassed', note: 'Skipped because of the holidays.' },
      ],
      timeline: [
        { at: '2026-01-05', text: 'The new timetable takes effect; four lines lose their live positions.' },
        { at: '2026-01-08', text: 'The first complaints are filed as weather delays.' },
        {
          at: '2026-01-12',
          text: 'A driver reports that nobody waits where he stops, and crowds where he does not.',
        },
      ],
    },
  }),
  grid({
    kind: 'harm_event',
    title: 'Delivery schedule learned to drop couriers who stopped between two addresses',
    summary:
      'Pauses without a scan counted against a reliability score that decides on shifts. Couriers with diabetes or pregnant couriers stopped more often and lost 22 percent of their hours. A works council found it by comparing rosters with scores.',
    on: '2025-06',
    harms: [did('rights_discrimination', 'serious_incident'), did('economic', 'incident')],
    systems: [['model', 'Courier reliability score']],
    detected: 'internal_report',
  }),
  bank({
    kind: 'harm_event',
    title: 'Photo estimate wrote off roadworthy older cars after minor collisions',
    summary:
      'Repair costs were predicted from pictures and compared with a market value that ignored maintenance. 212 policyholders lost cars that a garage would have repaired for less than the deductible suggested. Most lived where no bus runs.',
    on: '2026-03-02',
    harms: [did('economic', 'incident'), did('property', 'incident')],
    systems: [['model', 'Motor damage estimator']],
    detected: 'user',
  }),
  grid({
    kind: 'harm_event',
    title: 'Drowsiness camera suspended drivers whose eyelids it misread',
    summary:
      'The camera measures how far eyes are open against one average face. Drivers with ptosis and several of East Asian descent triggered alarms all day; seventeen were suspended for fatigue and lost pay. The supplier offered a threshold, not a remedy.',
    on: '2025-09-30',
    harms: [did('rights_discrimination', 'incident'), did('economic', 'incident')],
    systems: [['model', 'Driver drowsiness camera']],
    detected: 'internal_report',
    ...both(
      {
        controls: [
          {
            name: 'Review of a suspension by a person',
            state: 'failed',
            note: 'Reviewers saw alarm counts only.',
          },
        ],
      },
      { harm_quantities: { people: 17, money: { currency: 'EUR', min: '21000', max: '26000' } } },
    ),
  }),
  brigid({
    kind: 'harm_event',
    title: 'Dial-a-ride voice booking misunderstood callers after a stroke',
    summary:
      'Slurred dates were confirmed as other dates and callers could not correct them in time. Nine people missed dialysis or infusions within a month; one was admitted. Relatives had asked for the former operator since the first week.',
    on: '2025-05-20',
    harms: [did('physical_health', 'serious_incident')],
    systems: [['agent', 'Voice booking']],
    detected: 'user',
    partner: {
      controls: [{ name: 'Escape to an operator', state: 'absent' }],
      clocks: [
        {
          regime: 'national-regulator/patient-safety',
          aware_at: '2025-06-11',
          due: '2025-06-18',
          state: 'filed',
        },
      ],
      contact: { role: 'Patient safety lead' },
    },
  }),
  grid({
    kind: 'harm_event',
    title: 'Traffic signal agent starved a pedestrian crossing to keep buses on time',
    summary:
      'Waiting on foot was weighed by detected persons, and the detector missed people under umbrellas. In rain the green phase came every seven minutes. People began to cross on red; a man of 81 fell and broke his wrist.',
    on: '2025-12-09',
    harms: [did('physical_health', 'incident')],
    systems: [['agent', 'Signal timing agent']],
    detected: 'user',
    status: 'mitigating',
  }),
  bank({
    kind: 'harm_event',
    title: 'Toll classifier billed adapted family vans as lorries for four months',
    summary:
      'Raised roofs for wheelchairs matched the silhouette of a light lorry. Through our leasing company 96 households paid nine times the toll and some were fined for lacking a box. Their objections were rejected automatically with the same photograph.',
    on: '2026-04',
    harms: [did('economic', 'incident'), did('rights_discrimination', 'incident')],
    systems: [['model', 'Vehicle class recognition']],
  }),
]
