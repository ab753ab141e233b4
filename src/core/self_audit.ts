/**
 * What is wrong with the house itself, as one sentence each, for those who must hear of it when the house can't say it any
 * more: the outside monitor and the watchdog. No amount, name or address is in any of them, and no age that changes with
 * every look: the same trouble is the same sentence. A loss is no business of either.
 */
export type JobVitals = {
  readonly name: string;
  /** Real ms; null = it only runs when it is rung for. */
  readonly everyMs: number | null;
  readonly deadlineMs: number;
  /** Since this run began, real ms; null = it does not run now. */
  readonly runningMs: number | null;
  /** Since it last ended, or since the jobs were started if it never did, real ms. */
  readonly idleMs: number;
  readonly failuresInARow: number;
};

export type EarVitals = {
  readonly platform: string;
  /** Since the last poll or gateway acknowledgement that came back, real ms; null = none yet. */
  readonly heardAgeMs: number | null;
};

/** Ages are real ms; null = never happened in this life. */
export type Vitals = {
  /** Before the venue is joined nobody expects prices, reconciles or chats. */
  readonly isReady: boolean;
  readonly isFenced: boolean;
  /** The lease is written to the database every 2 s; Infinity = shared with nobody. */
  readonly leaseLeftMs: number;
  /** Since the chain was last read back from the database. */
  readonly recordReadAgeMs: number | null;
  readonly chain: { readonly headOk: boolean; readonly gapFree: boolean; readonly rowsOk: boolean } | null;
  readonly journalProblem: string | null;
  readonly outboxLagMs: number;
  /** `ringAgeMs` since a job last came back out of the queue; `runningMs` since the queue was started, null = not yet. */
  readonly queue: {
    readonly isAlive: boolean;
    readonly ringAgeMs: number | null;
    readonly runningMs: number | null;
  };
  readonly jobs: readonly JobVitals[];
  readonly ears: readonly EarVitals[];
  readonly price: { readonly ageMs: number | null; readonly maxMs: number };
  readonly venueAnswerAgeMs: number | null;
  readonly comparedAgeMs: number | null;
  /** Why no alert leaves this machine; null = one would, or nobody ever linked a chat. */
  readonly unheard: string | null;
  readonly isLargeRequestLate: boolean;
};

const startMaxMs = 300_000;
const leaseMinMs = 3_000;
const recordReadMaxMs = 30_000;
const outboxMaxMs = 10_000;
const queueMaxMs = 60_000;
const earMaxMs = 60_000;
const venueMaxMs = 60_000;
const comparedMaxMs = 120_000;
const jobSilenceMinMs = 60_000;
const failuresMax = 5;

/** @returns nothing when the house is well. */
export function auditProblems(vitals: Vitals): readonly string[] {
  const { isReady } = vitals;
  const tooOld = (ageMs: number | null, maxMs: number): boolean => isReady && (ageMs === null || ageMs > maxMs);
  const found: readonly (readonly [isWrong: boolean, problem: string])[] = [
    [vitals.isLargeRequestLate, "a large request waits for an answer, and its time is nearly over"],
    // Until then nothing else can be judged, and a start that never ends would look well for ever.
    [!isReady && (vitals.queue.runningMs ?? 0) > startMaxMs, "the start has not come to its end for 5 minutes"],
    [vitals.isFenced, "this process may not write any more"],
    [vitals.leaseLeftMs < leaseMinMs, "the database does not take the lease"],
    [tooOld(vitals.recordReadAgeMs, recordReadMaxMs), "the record was not read back from the database for 30 s"],
    [isBroken(vitals.chain), "the audit chain does not verify"],
    [vitals.journalProblem !== null, "the local journal can't be written"],
    [vitals.outboxLagMs > outboxMaxMs, "messages wait too long for their chat"],
    [tooOld(vitals.venueAnswerAgeMs, venueMaxMs), "the venue does not answer"],
    [tooOld(vitals.comparedAgeMs, comparedMaxMs), "the books were not compared with the venue"],
    [tooOld(vitals.price.ageMs, vitals.price.maxMs), "no fresh price has come"],
  ];
  return [
    ...found.flatMap(([isWrong, problem]) => (isWrong ? [problem] : [])),
    ...queueProblems(vitals.queue),
    ...vitals.jobs.flatMap(jobProblems),
    ...vitals.ears.flatMap(({ platform, heardAgeMs }) =>
      tooOld(heardAgeMs, earMaxMs) ? [`${platform} was not heard for 60 s`] : [],
    ),
    ...(vitals.unheard === null ? [] : [vitals.unheard]),
  ];
}

const isBroken = (chain: Vitals["chain"]): boolean =>
  chain !== null && !(chain.headOk && chain.gapFree && chain.rowsOk);

function queueProblems({ isAlive, ringAgeMs, runningMs }: Vitals["queue"]): readonly string[] {
  if (runningMs === null || runningMs < queueMaxMs) return [];
  if (!isAlive) return ["the queue does not work; this process does its jobs by itself"];
  return ringAgeMs === null || ringAgeMs > queueMaxMs ? ["nothing came through the queue for 60 s"] : [];
}

/** A job that hangs, one that does not come at all, and one that comes and fails are three troubles. */
function jobProblems(job: JobVitals): readonly string[] {
  const { name, everyMs, deadlineMs, runningMs, idleMs, failuresInARow } = job;
  if (runningMs !== null) return runningMs > deadlineMs ? [`the job ${name} does not come to an end`] : [];
  if (everyMs !== null && idleMs > Math.max(3 * everyMs, jobSilenceMinMs)) return [`the job ${name} does not run`];
  return failuresInARow >= failuresMax ? [`the job ${name} fails again and again`] : [];
}
