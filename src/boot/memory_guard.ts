/** A process that has grown too large ends in order, in a moment in which nothing is under way; its supervisor starts it again. */
import type { Books } from "../core/books.ts";
import { mark } from "../core/mark.ts";
import { isUncertain } from "../core/order.ts";
import { openPositions } from "../core/portfolio.ts";
import type { Clock } from "../ports/clock.ts";

const lookEveryMs = 5_000;

/** Nothing on the wire, nothing decided and not sent, nobody's yes being carried out, every position with its stop. */
export function isQuiet(books: Books): boolean {
  const isIdle = Object.values(books.orders).every(
    (order) => order.state !== "intent" && order.state !== "cancel_pending" && !isUncertain(order.state),
  );
  const isSettled = Object.values(books.approvals).every(
    (approval) => approval.state !== "approved" && approval.state !== "executing" && approval.state !== "exec_unknown",
  );
  return isIdle && isSettled && openPositions(books).every((position) => position.protection === "placed");
}

/** @returns why it must be started again, once that is so; never without a limit. */
export function untilTooLarge(guard: {
  readonly clock: Clock;
  /** MB; 0 = no limit. */
  readonly limitMb: number;
  readonly residentBytes: () => number;
  readonly books: () => Books;
}): { readonly because: Promise<string>; stop(): void } {
  const { clock, limitMb, residentBytes, books } = guard;
  if (limitMb === 0) return { because: new Promise<string>(() => undefined), stop: () => undefined };
  let stop: () => void = () => undefined;
  const because = new Promise<string>((resolve) => {
    stop = clock.every(lookEveryMs, () => {
      const usedMb = Math.round(residentBytes() / 1_048_576);
      if (usedMb <= limitMb || !isQuiet(books())) return;
      mark("S04.restart_at_memory_limit");
      resolve(`it holds ${usedMb} MB of memory, more than ${limitMb}; start it again`);
    });
  });
  return { because, stop: () => stop() };
}
