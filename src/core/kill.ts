/**
 * One procedure at a time leads from a raised level to nothing held. It begins in the commit that raises the level, a
 * higher level takes it over in place, and it outlives every process: whoever starts next goes on where it stands.
 *
 *   halting --confirmed--> selling <--> waiting_venue --nothing left--> verifying --two clean looks--> sweeping --10 min--> halted
 *      '-- declined: entries stay halted, nothing is sold                    '---- something is left: selling again ----'
 */
import type { Books } from "./books.ts";
import type { HouseBooks } from "./books_house.ts";
import type { FactOf, Recorded } from "./events.ts";
import { isMore, minus, type Price, type Quantity, type Ratio, ratioBetween, zeroRatio } from "./money.ts";
import { between, type Instant } from "./time.ts";

export const killSteps = ["halting", "selling", "waiting_venue", "verifying", "sweeping", "halted"] as const;
export type KillStep = (typeof killSteps)[number];
export type KillLevel = "flatten" | "emergency";

/** What one position was when its sale was asked for, and when it was gone. Times are wall times. */
export type KillTarget = {
  readonly quantity: Quantity;
  readonly referencePrice: Price | null;
  readonly askedAt: Instant;
  readonly closedAt: Instant | null;
  readonly exitPrice: Price | null;
  readonly dust: Quantity | null;
};

export type KillProcedure = {
  readonly procedureId: string;
  readonly level: KillLevel;
  readonly reason: string;
  readonly startedBy: string;
  readonly startedAt: Instant;
  /** When it began, or a higher level took it over: silence is counted from here. */
  readonly raisedAt: Instant;
  /** null = nobody has confirmed the sale yet. */
  readonly confirmedAt: Instant | null;
  readonly confirmedBy: string | null;
  /** A person refused the sale: entries stay halted, and nobody is asked again. */
  readonly isDeclined: boolean;
  /** Approvals that asked for the sale since it began, or since a higher level took it over, oldest first. */
  readonly questions?: readonly string[];
  readonly step: KillStep;
  readonly stepAt: Instant;
  readonly because: string;
  /** Positions and orders that are still in the way, in words. */
  readonly left: readonly string[];
  readonly targets: Readonly<Record<string, KillTarget>>;
  readonly verifiedAt: Instant | null;
};

export function evolveKill(books: Books, { fact, actor, wallAt }: Recorded): KillProcedure | null {
  const kill = books.house.kill ?? null;
  if (fact.type === "flatten_started") return started(fact, actor, wallAt);
  if (kill === null) return null;
  switch (fact.type) {
    case "flatten_upgraded":
      return { ...kill, level: fact.level, reason: fact.reason, raisedAt: wallAt, isDeclined: false, questions: [] };
    // Kept by name: which question came after the raise can't be told by a clock that people set.
    case "approval_requested":
      return fact.subject.kind === "flatten"
        ? { ...kill, questions: [...(kill.questions ?? []), fact.approvalId] }
        : kill;
    case "flatten_confirmed":
      return { ...kill, confirmedAt: wallAt, confirmedBy: actor, isDeclined: false };
    case "flatten_declined":
      return { ...kill, isDeclined: true };
    case "flatten_step": {
      const isNews = fact.step === "selling" && kill.verifiedAt !== null;
      const { step, because, left } = fact;
      return { ...kill, step, stepAt: wallAt, because, left, verifiedAt: isNews ? null : kill.verifiedAt };
    }
    case "flatten_verified":
      return { ...kill, step: "sweeping", stepAt: wallAt, because: "verified flat", left: [], verifiedAt: wallAt };
    case "flatten_ended":
      return null;
    case "exit_triggered":
      return withTarget(books, kill, fact, wallAt);
    case "position_closed":
      return closedTarget(kill, fact, wallAt);
    default:
      return kill;
  }
}

function started(fact: FactOf<"flatten_started">, actor: string, at: Instant): KillProcedure {
  return {
    procedureId: fact.procedureId,
    level: fact.level,
    reason: fact.reason,
    startedBy: actor,
    startedAt: at,
    raisedAt: at,
    confirmedAt: null,
    confirmedBy: null,
    isDeclined: false,
    questions: [],
    step: "halting",
    stepAt: at,
    because: fact.reason,
    left: [],
    targets: {},
    verifiedAt: null,
  };
}

function withTarget(books: Books, kill: KillProcedure, fact: FactOf<"exit_triggered">, at: Instant): KillProcedure {
  if (fact.reason !== "kill_flatten" && fact.reason !== "emergency") return kill;
  const known = kill.targets[fact.positionId];
  const position = books.positions[fact.positionId];
  if (position === undefined || (known !== undefined && known.closedAt === null)) return kill;
  const target: KillTarget = {
    quantity: position.quantity,
    referencePrice: fact.observedPrice,
    askedAt: at,
    closedAt: null,
    exitPrice: null,
    dust: null,
  };
  return { ...kill, targets: { ...kill.targets, [fact.positionId]: target } };
}

function closedTarget(kill: KillProcedure, fact: FactOf<"position_closed">, at: Instant): KillProcedure {
  const target = kill.targets[fact.positionId];
  if (target === undefined) return kill;
  const done = { ...target, closedAt: at, exitPrice: fact.exitPrice, dust: fact.dust };
  return { ...kill, targets: { ...kill.targets, [fact.positionId]: done } };
}

export type KillReport = {
  readonly positionId: string;
  readonly quantity: Quantity;
  /** Real ms from the wish to the close; null = not closed yet. */
  readonly flatMs: number | null;
  /** How much lower than the price seen at the wish it was sold, as a share; 0 = at it or better; null = not known. */
  readonly slippage: Ratio | null;
  readonly dust: Quantity | null;
};

/** Per position: how long it took, what it cost against the price seen when it was asked for, and what is left. */
export function killReport(kill: KillProcedure): readonly KillReport[] {
  return Object.entries(kill.targets).map(([positionId, target]) => ({
    positionId,
    quantity: target.quantity,
    flatMs: target.closedAt === null ? null : between(target.askedAt, target.closedAt),
    slippage: slippageOf(target),
    dust: target.dust,
  }));
}

function slippageOf({ referencePrice, exitPrice }: KillTarget): Ratio | null {
  if (referencePrice === null || exitPrice === null) return null;
  return isMore(referencePrice, exitPrice) ? ratioBetween(minus(referencePrice, exitPrice), referencePrice) : zeroRatio;
}

/** Selling was confirmed and it is not proven yet that nothing is left: a resume would cross it. */
export function isSelling(kill: KillProcedure | null | undefined): boolean {
  return kill != null && kill.confirmedAt !== null && kill.verifiedAt === null;
}

/** The house after a fact, with the procedure that the fact moved. */
export function withKill(house: HouseBooks, books: Books, recorded: Recorded): HouseBooks {
  const kill = evolveKill(books, recorded);
  return kill === (books.house.kill ?? null) ? house : { ...house, kill };
}
