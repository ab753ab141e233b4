/**
 * Reading from a venue: a few tries, each with its own deadline, and a failure that is never taken for nothing.
 * Only reads are tried again; nothing that could place or cancel ever comes here.
 */
import { z } from "zod";
import { fail, ok } from "../../core/result.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Read, Unavailable } from "../../ports/venue.ts";
import type { Budget, Lane } from "./budget.ts";
import type { Answer, Heard } from "./call.ts";
import type { Wire } from "./hooks.ts";
import { type Dialect, judgeAnswer, type Verdict } from "./verdict.ts";

export type ReadRequest<Pool extends string, Raw, Value> = {
  /** What is read, for messages: "balances", "order xcs…". */
  readonly what: string;
  readonly pool: Pool;
  readonly weight: number;
  readonly lane: Lane;
  readonly run: () => Promise<Raw>;
  /** `data` is the opened envelope, `value` what the client library made of it. @throws ZodError when it lacks what we need. */
  readonly parse: (data: unknown, value: Raw | undefined) => Value;
  /** What "the venue knows no such order" means here; missing = it makes the read unavailable. */
  readonly absent?: Value;
};

export type Reader<Pool extends string> = {
  read<Raw, Value>(request: ReadRequest<Pool, Raw, Value>): Promise<Read<Value>>;
};

export type ReaderParts<Pool extends string> = {
  readonly venue: string;
  readonly wire: Wire;
  readonly budget: Budget<Pool>;
  readonly clock: Clock;
  readonly dialect: Dialect;
  /** Told about every raw answer, to learn the venue's own rate counts. */
  readonly listen: (pool: Pool, answer: Answer) => void;
};

const attemptsMax = 3;
const attemptDeadlineMs = 4_000;
const backoffMs = [200, 600] as const;
/** A wait named by the venue that is longer than this is handed to the caller instead of slept here. */
const patienceMs = 1_000;

export function createReader<Pool extends string>(parts: ReaderParts<Pool>): Reader<Pool> {
  return {
    async read(request) {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await readOnce(parts, request);
        if (outcome.ok || !outcome.problem.mayRetry || attempt === attemptsMax) {
          return outcome.ok ? outcome : fail(outcome.problem.unavailable);
        }
        const asked = outcome.problem.unavailable.retryAfterMs ?? 0;
        if (asked > patienceMs) return fail(outcome.problem.unavailable);
        await parts.clock.sleep(Math.max(asked, backoffMs[attempt - 1] ?? 600));
      }
    },
  };
}

type Trouble = { readonly unavailable: Unavailable; readonly mayRetry: boolean };

async function readOnce<Pool extends string, Raw, Value>(
  parts: ReaderParts<Pool>,
  request: ReadRequest<Pool, Raw, Value>,
) {
  const trouble = troubleAt(parts.venue, request.what);
  const waitMs = parts.budget.take(request.pool, request.weight, request.lane);
  if (waitMs > 0) return trouble(`our own share of the ${request.pool} rate limit is used up`, false, waitMs);
  const heard: Heard<Raw> = await parts.wire.ask(request.run, { method: "GET", deadlineMs: attemptDeadlineMs });
  if (heard.kind === "answered") parts.listen(request.pool, heard.answer);
  const verdict = judgeAnswer(heard, parts.dialect);
  if (verdict.kind === "absent" && "absent" in request) return ok(request.absent as Value);
  if (verdict.kind === "busy") {
    parts.budget.freeze(request.pool, verdict.retryAfterMs ?? patienceMs);
    return trouble("the venue's rate limit is reached", true, verdict.retryAfterMs);
  }
  const banMs = banOf(heard);
  if (banMs !== null) return trouble("the venue told us to stay away", false, banMs, "banned");
  if (verdict.kind !== "accepted")
    return trouble(troubleText(verdict), isWorthAnother(verdict), null, isOfTheKey(verdict) ? "key" : undefined);
  try {
    return ok(request.parse(verdict.data, heard.kind === "answered" ? heard.value : undefined));
  } catch (error) {
    if (error instanceof z.ZodError) return trouble(shapeText(error), false);
    throw error;
  }
}

const isWorthAnother = ({ kind }: Verdict) => kind === "unknown" || kind === "not_sent";
const isOfTheKey = (verdict: Verdict) => verdict.kind === "rejected" && verdict.reason === "permission";

/** Makes the refusals of one read: which venue, what was read, why it failed. */
function troubleAt(venue: string, what: string) {
  return (because: string, mayRetry: boolean, retryAfterMs: number | null = null, kind?: Unavailable["trouble"]) => {
    const told = kind === undefined ? {} : { trouble: kind };
    return fail<Trouble>({
      unavailable: { ...told, kind: "unavailable", venue, what, because, retryAfterMs },
      mayRetry,
    });
  };
}

function shapeText({ issues: [issue] }: z.ZodError): string {
  return `the answer has an unexpected shape at ${issue?.path.join(".") || "its root"}: ${issue?.message ?? ""}`;
}

/** 418 is a ban by address, whatever the body says; without a Retry-After it is taken for two minutes. */
function banOf(heard: Heard<unknown>): number | null {
  if (heard.kind !== "answered" || heard.answer.status !== 418) return null;
  const seconds = Number(heard.answer.headers["retry-after"] ?? "");
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 120_000;
}

function troubleText(verdict: Exclude<Verdict, { kind: "accepted" | "busy" }>): string {
  switch (verdict.kind) {
    case "rejected":
      return `the venue refused with code ${verdict.code}: ${verdict.message}`;
    case "exists":
      return `the venue answered with a duplicate: ${verdict.message}`;
    case "absent":
      return "the venue says that it does not exist";
    case "not_sent":
    case "unknown":
      return verdict.because;
    default:
      return verdict satisfies never;
  }
}
