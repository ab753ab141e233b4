/**
 * Which host may be spoken to. Practice money must never reach a live host and real orders must never go to a stranger;
 * both are decided here, once before a venue is opened and again for every order that leaves.
 *
 *   live      only a live host of the venue, over https
 *   paper     only this machine
 *   dry_run   reads either; its orders go to this machine only, where they are simulated
 *   backtest  none: it has no network
 */

import type { Mode } from "../../core/intent.ts";
import { fail, ok, type Result } from "../../core/result.ts";

export type HostQuestion = {
  readonly mode: Mode;
  /** null = the venue's own live host. */
  readonly baseUrl: string | null;
  readonly liveHosts: readonly string[];
};

const loopbackHosts: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

export function isLoopback(url: string): boolean {
  return URL.canParse(url) && loopbackHosts.includes(new URL(url).hostname);
}

/** @returns the base URL to use (no slash at its end), or one sentence that says why it is refused. */
export function guardHost(question: HostQuestion): Result<string, string> {
  const { mode, liveHosts } = question;
  if (mode === "backtest") return fail("BACKTEST has no network; it reads candles from files");
  const text = question.baseUrl ?? `https://${liveHosts[0] ?? ""}`;
  if (!URL.canParse(text))
    return fail(`The venue address ${text.slice(0, 80)} is no URL; give one like http://127.0.0.1:9000`);
  const url = new URL(text);
  if (url.username !== "" || url.search !== "" || url.hash !== "") {
    return fail(`The venue address of ${url.host} may hold no user, query or fragment`);
  }
  const isHere = isLoopback(text);
  const isLive = liveHosts.includes(url.hostname) && url.protocol === "https:";
  const base = text.replace(/\/+$/, "");
  if (mode === "live") {
    return isLive ? ok(base) : fail(`LIVE speaks only to ${liveHosts.join(", ")} over https, not to ${url.host}`);
  }
  if (isHere) return ok(base);
  if (mode === "dry_run" && isLive) return ok(base);
  return fail(`${mode.toUpperCase()} may not reach ${url.host}; it trades at the practice exchange on 127.0.0.1`);
}

/**
 * The last look before an order leaves: what the intent's own mode allows at this host.
 * @returns null when it may leave, else one sentence.
 */
export function refusalToWrite(mode: Mode, baseUrl: string): string | null {
  if (mode === "backtest") return "BACKTEST orders never leave the house";
  if (mode !== "live" && !isLoopback(baseUrl))
    return `A ${mode.toUpperCase()} order was about to reach a host that is not this machine`;
  return null;
}
