/**
 * Keeps the thread that draws: begun with the first picture, ended when nobody asked for a while, replaced when it dies or
 * hangs. One picture at a time is drawn and few may wait, so that a storm of messages costs pictures and nothing else.
 *
 *   ask --> waiting (8 at most) --> drawing --answer--> settled
 *             |                       |--death--> a problem; the next one begins another thread
 *             '--------- deadline ----+--> a problem; the thread is ended only if it hangs
 */
import { fail, ok, type Result } from "../../core/result.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { PictureProblem } from "../../ports/painter.ts";
import { type Answer, beginThread, type DrawingThread, type Order } from "./drawing_thread.ts";

export type ThreadSetup = {
  readonly clock: Pick<Clock, "mono" | "sleep">;
  readonly log: Log;
  /** The file of the thread; absent = ours. */
  readonly file?: URL;
  /** From the ask to the answer, waiting included, and again for the work alone; absent = 5 s. */
  readonly deadlineMs?: number;
  /** How long an unused thread, and the memory of its libraries, is kept; absent = 30 s. */
  readonly idleMs?: number;
};

export type ThreadKeeper = {
  /** Never rejects. */
  draw(option: unknown): Promise<Result<Uint8Array, PictureProblem>>;
  /** The same picture as text, for a look at what stands in it. */
  drawText(option: unknown): Promise<Result<string, PictureProblem>>;
  close(): Promise<void>;
};

const waitingMax = 8;
const deadlineDefaultMs = 5_000;
/** A thread that dies so often within a minute will die again: pictures rest until that minute is over. */
const deathsMax = 3;
const restMs = 60_000;

type Settled = Result<Answer, PictureProblem>;
type Ask = { readonly order: Order; readonly settle: (settled: Settled) => void };

type Keep = {
  readonly setup: ThreadSetup;
  readonly waiting: Ask[];
  drawing: Ask | null;
  thread: DrawingThread | null;
  /** Aborted when what is being drawn is done. */
  work: AbortController;
  /** Aborted when the thread has work again. */
  idle: AbortController;
  deaths: readonly number[];
  asked: number;
  isClosed: boolean;
};

export function keepThread(setup: ThreadSetup): ThreadKeeper {
  const keep: Keep = {
    setup,
    waiting: [],
    drawing: null,
    thread: null,
    work: new AbortController(),
    idle: new AbortController(),
    deaths: [],
    asked: 0,
    isClosed: false,
  };
  const answerOf = async <Kind extends "png" | "svg">(option: unknown, as: Kind) => {
    const settled = await ask(keep, option, as);
    if (!settled.ok) return settled;
    const answer: Answer[Kind] = settled.value[as];
    return answer === undefined ? failed("It was drawn as something else") : ok(answer);
  };
  return {
    draw: (option) => answerOf(option, "png"),
    drawText: (option) => answerOf(option, "svg"),
    close: () => close(keep),
  };
}

const failed = (because: string): Result<never, PictureProblem> => fail({ kind: "failed", because });

function ask(keep: Keep, option: unknown, as: Order["as"]): Promise<Settled> {
  const refused = refusal(keep);
  if (refused !== null) return Promise.resolve(fail(refused));
  keep.asked += 1;
  const order = { id: keep.asked, option, as };
  return new Promise((resolve) => {
    const over = new AbortController();
    const settle = (settled: Settled): void => {
      over.abort();
      resolve(settled);
    };
    const one = { order, settle };
    keep.waiting.push(one);
    void watchAsk(keep, one, over.signal);
    next(keep);
  });
}

function refusal(keep: Keep): PictureProblem | null {
  if (keep.isClosed) return { kind: "failed", because: "No more pictures are painted" };
  const deaths = recentDeaths(keep).length;
  if (deaths >= deathsMax)
    return { kind: "failed", because: `The thread that draws has ended ${deaths} times within a minute; it rests` };
  if (keep.waiting.length < waitingMax) return null;
  return { kind: "busy", because: `${waitingMax} pictures wait already; ask again later` };
}

const recentDeaths = ({ deaths, setup }: Keep): readonly number[] =>
  deaths.filter((at) => setup.clock.mono() - at < restMs);

/** A deadline counts from the ask: a message waits for its picture no longer, wherever the time went. */
async function watchAsk(keep: Keep, one: Ask, signal: AbortSignal): Promise<void> {
  const { clock, deadlineMs = deadlineDefaultMs } = keep.setup;
  await clock.sleep(deadlineMs, signal);
  if (signal.aborted) return;
  const place = keep.waiting.indexOf(one);
  if (place >= 0) keep.waiting.splice(place, 1);
  one.settle(failed(`It was not done after ${deadlineMs} ms`));
}

/** The same time again counts from the beginning of the work: only a thread that hangs is ended, not one that is asked for much. */
async function watchWork(keep: Keep, signal: AbortSignal): Promise<void> {
  const { clock, deadlineMs = deadlineDefaultMs } = keep.setup;
  await clock.sleep(deadlineMs, signal);
  if (!signal.aborted) die(keep, `it worked on one picture for ${deadlineMs} ms`);
}

function next(keep: Keep): void {
  if (keep.drawing !== null) return;
  const one = keep.waiting.shift();
  if (one === undefined) return void endWhenIdle(keep);
  keep.idle.abort();
  keep.drawing = one;
  keep.work = new AbortController();
  void watchWork(keep, keep.work.signal);
  try {
    keep.thread ??= beginThread(keep.setup.file, {
      answer: (answer) => hear(keep, answer),
      death: (because) => die(keep, because),
    });
    keep.thread.give(one.order);
  } catch (error) {
    // No thread can be had (no memory, a limit of the system), or the option is nothing that can be sent to one.
    die(keep, error instanceof Error ? error.message : String(error));
  }
}

function hear(keep: Keep, answer: Answer): void {
  if (keep.drawing?.order.id !== answer.id) return;
  settle(keep, answer.problem === undefined ? ok(answer) : failed(`It could not be drawn: ${answer.problem}`));
}

function settle(keep: Keep, settled: Settled): void {
  const done = keep.drawing;
  keep.drawing = null;
  keep.work.abort();
  done?.settle(settled);
  next(keep);
}

/** It died, or hangs in code that can't be asked to stop: what it was drawing is lost, what waits is drawn by another. */
function die(keep: Keep, because: string): void {
  void drop(keep);
  keep.deaths = [...recentDeaths(keep), keep.setup.clock.mono()];
  keep.setup.log.warn("The thread that draws pictures has ended", { because, deathsInAMinute: keep.deaths.length });
  if (keep.deaths.length >= deathsMax)
    for (const one of keep.waiting.splice(0))
      one.settle(failed("The thread that draws ends again and again; it rests"));
  settle(keep, failed(`The thread that draws has ended: ${because}`));
}

function drop(keep: Keep): Promise<void> {
  const old = keep.thread;
  keep.thread = null;
  return old?.end() ?? Promise.resolve();
}

async function endWhenIdle(keep: Keep): Promise<void> {
  if (keep.thread === null || keep.isClosed) return;
  const { clock, idleMs = 30_000 } = keep.setup;
  keep.idle = new AbortController();
  const { signal } = keep.idle;
  await clock.sleep(idleMs, signal);
  if (!signal.aborted) await drop(keep);
}

async function close(keep: Keep): Promise<void> {
  keep.isClosed = true;
  keep.idle.abort();
  keep.work.abort();
  const left = [keep.drawing, ...keep.waiting.splice(0)];
  keep.drawing = null;
  for (const one of left) one?.settle(failed("No more pictures are painted"));
  await drop(keep);
}
