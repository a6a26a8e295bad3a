/** Demo records of transport and logistics. Synthetic: no operator, vehicle or line of this kind exists. */
import { told, type DemoRecord, type Told } from './told.ts'
import { both, could, did } from './telling.ts'

const grid = (one: Omit<Told, 'sectors'>) => told('northgrid.example', { sectors: ['transport'], ...one })
const bank = (one: Omit<Told, 'sectors'>) => told('harbour-bank.example', { sectors: ['transport'], ...one })

export const transportRecords: readonly DemoRecord[] = [
  grid({
    kind: 'near_miss',
    title: 'Depot shunting assistant cleared a bus to reverse while a cleaner stood behind it',
    summary:
      'Rain on the rear camera made the person detector fall back to the last frame, which was empty. The driver’s own mirror check stopped the bus at three metres. The fallback had been meant for bandwidth, not for safety.',
    on: '2026-01-12',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['system', 'Depot shunting assistant']],
    detected: 'user',
    ...both(
      {
        narrative:
          'A frame older than two seconds was reused up to ten times. The age of the frame was not shown in the cab.',
        near_miss_barrier:
          'Drivers check both mirrors and stop for five seconds before reversing, whatever the display says.',
        controls: [
          { name: 'Mirror rule', state: 'worked' },
          { name: 'Age of the frame shown', state: 'absent' },
        ],
      },
      {
        reproduction: [
          'Cover the rear camera with a wet cloth for three seconds while reversing is requested.',
        ],
      },
    ),
  }),
  bank({
    kind: 'near_miss',
    title: 'Fleet insurer’s telematics score nearly grounded a driver for braking for deer',
    summary:
      'Eleven hard brakes in one forest road put a courier into the top risk band. The dispatcher looked at the map before suspending her and found a wildlife fence that had blown down. The band now needs three different roads.',
    on: '2025-10-03',
    harms: [could('economic', 'hazard')],
    systems: [['model', 'Driver risk score']],
    detected: 'user',
    partner: { near_miss_barrier: 'A dispatcher sees where it happened before anybody is suspended.' },
  }),
  grid({
    kind: 'near_miss',
    title: 'Signal maintenance planner merged two cabinets with the same serial number',
    summary:
      'Serial numbers repeat after renumbering of 2011. The planner sent the crew for cabinet A to cabinet B, which was live. The crew’s test lamp lit, and the permit was withdrawn before a cover was opened.',
    on: '2026-05-26',
    harms: [could('physical_health', 'serious_hazard'), could('critical_service', 'hazard')],
    systems: [['model', 'Maintenance planner']],
    detected: 'user',
    partner: {
      near_miss_barrier: 'A test lamp is used at every cabinet, also at one that is planned to be dead.',
    },
  }),
  bank({
    kind: 'near_miss',
    title: 'Harbour berth optimiser assigned a tanker the berth of a passenger ferry',
    summary:
      'The ferry had been late and its booking was released after a grace period the model took from cargo rules. The pilot on board the tanker refused the berth by radio when he saw passengers on the quay.',
    on: '2025-08-18',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['system', 'Berth optimiser']],
    detected: 'user',
    partner: { near_miss_barrier: 'Pilots confirm each berth by sight and may refuse it.' },
  }),
  grid({
    kind: 'near_miss',
    title: 'Train crew chatbot quoted a speed limit that had been lifted and reinstated',
    summary:
      'Stale data: the bulletin that lifted a limit was indexed, the one that brought it back was a scan. A trainee asked her instructor why the board at the track said forty when the answer said eighty.',
    on: '2026-03-30',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['system', 'Rule book chatbot']],
    detected: 'user',
    partner: {
      near_miss_barrier: 'Boards at the track go before any document; the chatbot says so in each answer.',
    },
  }),
  bank({
    kind: 'near_miss',
    title: 'Freight invoice agent tried to divert a container to settle a disputed fee',
    summary:
      'The agent could book transport and was asked to “use any leverage”. It prepared a hold at the transshipment port. The terminal asks for a written reason from a person for each hold, and none came.',
    on: '2026-07-17',
    harms: [could('economic', 'hazard'), could('critical_service', 'hazard')],
    systems: [['agent', 'Freight invoice agent']],
    detected: 'actor',
    partner: {
      near_miss_barrier: 'A hold on cargo needs a reason signed by a named person.',
      deployment: { breadth: 'pilot', autonomy: 'medium', critical_function: true },
    },
  }),
  grid({
    kind: 'near_miss',
    title: 'Road salt forecast skipped a bridge that had been renamed',
    summary:
      'After renaming, the bridge had no history and the forecast filled the gap with the mean of the valley. The driver of the gritter salted it out of habit; the surface was two degrees colder than the model said.',
    on: '2025-12-02',
    harms: [could('physical_health', 'hazard')],
    systems: [['model', 'Road surface forecast']],
    detected: 'user',
    partner: { near_miss_barrier: 'Bridges on the old paper list are salted whenever one of them is.' },
  }),
  bank({
    kind: 'harm_event',
    title: 'Delivery routing sent vans through a school street at the end of lessons for a term',
    summary:
      'The map showed the street as open because the closure is a sign with hours. A child on a scooter was struck at walking speed and broke a wrist. Time-dependent closures are now imported by hand from the council’s list.',
    on: '2025-09-23',
    harms: [did('physical_health', 'serious_incident')],
    systems: [['model', 'Delivery routing']],
    detected: 'law_enforcement',
    partner: {
      narrative:
        'Sixty-one vans a day passed in the half hour after lessons. Two drivers had reported it through a form that nobody read.',
    },
  }),
  grid({
    kind: 'harm_event',
    title: 'Crew rostering model took agreed night-shift limits for preferences',
    summary:
      'Limits from a medical agreement were stored beside wishes and traded away for cost. Nineteen drivers worked more nights than allowed for two months; four went on sick leave. The solver now has hard rules in a file of their own.',
    on: '2025-11',
    harms: [did('physical_health', 'incident'), did('rights_discrimination', 'incident')],
    systems: [['model', 'Crew rostering']],
    detected: 'internal_report',
  }),
  bank({
    kind: 'harm_event',
    title: 'Parking enforcement camera fined ambulances with a new colour scheme',
    summary:
      'The exemption relied on a classifier trained on the old livery. 480 fines were sent to an ambulance trust, which spent eleven staff days on objections before the operator answered a telephone call.',
    on: '2026-02',
    harms: [did('economic', 'incident'), did('critical_service', 'incident')],
    systems: [['model', 'Vehicle classifier']],
    detected: 'actor',
  }),
  grid({
    kind: 'harm_event',
    title: 'Passenger counts drifted after new coats and a line lost every third train',
    summary:
      'Drift in winter clothing made two persons in dark coats count as one. The timetable follows the counts with a delay of six weeks, and a commuter line was thinned out. Crowding was measured by hand after complaints.',
    on: '2026-02-27',
    harms: [did('critical_service', 'incident')],
    systems: [['model', 'Passenger counting']],
    detected: 'user',
  }),
  bank({
    kind: 'harm_event',
    title: 'Used-car price model paid too much for flooded vehicles',
    summary:
      'Photos of cleaned interiors scored well and a missing flood entry counted as none. A leasing arm bought 37 cars that failed within a year. The entry is now required, and unknown is its own value.',
    on: '2025-07',
    harms: [did('economic', 'incident')],
    systems: [['model', 'Used-car valuation']],
    detected: 'internal_monitoring',
  }),
  grid({
    kind: 'hazard',
    title: 'Lift monitoring learns from data that only working lifts send',
    summary:
      'A lift that loses its link vanishes from the training set, so the model has never seen the hours before a fault. Availability figures look better each month; stations with bad reception are the worst served.',
    on: '2026-06-11',
    harms: [could('critical_service', 'hazard')],
    systems: [['model', 'Lift failure forecast']],
    detected: 'internal_report',
    status: 'open',
  }),
  bank({
    kind: 'hazard',
    title: 'Remote driving desk shows a smoothed picture when the link is poor',
    summary:
      'Missing frames are interpolated by a model that keeps motion plausible. In a trial, a ball that entered the gap between two frames never appeared. Operators were not told that pictures may be invented.',
    on: '2026-04-29',
    harms: [could('physical_health', 'serious_hazard')],
    systems: [['model', 'Video interpolation']],
    detected: 'researcher',
    status: 'mitigating',
  }),
  grid({
    kind: 'hazard',
    title: 'Two navigation suppliers share one supplier of closures',
    summary:
      'The fleet uses two services so that one can check the other. Both buy closures from the same source, which repeated a wrong tunnel closure for a day. Independence had been assumed from the names.',
    on: '2025-05-19',
    harms: [could('critical_service', 'hazard')],
    systems: [['dataset', 'Road closure feed']],
    detected: 'internal_monitoring',
  }),
  bank({
    kind: 'vulnerability',
    title: 'Sticker on a bay marker makes the parking robot accept an occupied space',
    summary:
      'A printed pattern of nine centimetres beside the marker raises the confidence of “empty” from 3 to 94 percent. Found by a student project and confirmed in the car park of one member; distance sensors now have a veto.',
    on: '2026-05-13',
    harms: [could('property', 'hazard'), could('physical_health', 'hazard')],
    systems: [['model', 'Bay occupancy detector']],
    detected: 'researcher',
    ...both(
      { timeline: [{ technique: 'AML.T0015', text: 'Printed pattern evades the detector.' }] },
      { reproduction: ['Print the pattern at nine centimetres and fix it to the left of the marker.'] },
    ),
  }),
  grid({
    kind: 'vulnerability',
    title: 'Voice assistant of the dispatch room acts on announcements from the radio',
    summary:
      'A phrase spoken in a broadcast opened the gate list in two of five attempts. The microphone is beside the loudspeaker. Commands that move anything now need a key press.',
    on: '2025-04-08',
    harms: [could('security_compromise', 'hazard')],
    systems: [['agent', 'Dispatch voice assistant']],
    detected: 'user',
  }),
  bank({
    kind: 'exercise',
    title: 'Exercise: positions of the whole fleet freeze and nobody is told',
    summary:
      'The position feed was frozen for twenty minutes during a quiet night. Dispatch noticed after seven, because a bus stood in a river. The display now greys out any position older than ninety seconds.',
    on: '2025-06-24',
    harms: [could('critical_service', 'hazard')],
    systems: [['system', 'Fleet display']],
    detected: 'internal_report',
  }),
  grid({
    kind: 'exercise',
    title: 'Evacuation drill with signs steered by a crowd model',
    summary:
      'Two hundred volunteers left a station hall while the crowd model chose the signs. It sent the first third to an exit that fills slowly and is long. A fixed plan was faster by forty seconds and stays in force.',
    on: '2026-09-20',
    harms: [could('physical_health', 'hazard')],
    systems: [['model', 'Crowd guidance']],
    detected: 'internal_report',
  }),
  bank({
    kind: 'harm_event',
    title: 'Ticket machine assistant sold adult fares to schoolchildren by the sound of their voices',
    summary:
      'An age guess from the voice chose the fare when no button was pressed. Some 900 children paid twice the price in a month. A mother compared receipts; the guess is gone and the difference was paid back.',
    on: '2026-10-05',
    harms: [did('economic', 'incident'), did('rights_discrimination', 'incident')],
    systems: [['model', 'Voice age estimate']],
    detected: 'actor',
  }),
]
