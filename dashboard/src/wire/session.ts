/** Signing in and out, and the few things that are asked over plain HTTP. */
import type { CandleView, Refusal, SessionView } from "../../../src/adapters/desk/contract.ts";

export async function readSession(): Promise<SessionView> {
  const response = await fetch("/api/session");
  if (!response.ok) throw new Error("The house does not answer");
  return (await response.json()) as SessionView;
}

/** The person who is now signed in, or the sentence that says why not. */
export async function signIn(code: string): Promise<SessionView | Refusal> {
  const response = await fetch("/api/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  return (await response.json()) as SessionView | Refusal;
}

export async function signOut(): Promise<void> {
  await fetch("/api/session", { method: "DELETE" });
}

export async function readCandles(instrumentId: string): Promise<readonly CandleView[]> {
  const response = await fetch(`/api/candles?instrument=${encodeURIComponent(instrumentId)}`);
  return response.ok ? ((await response.json()) as readonly CandleView[]) : [];
}

/** Takes the one-time code out of the address, so that it stays in no history and no screenshot. */
export function takeCode(): string | null {
  const code = /^#code=([A-Za-z0-9_-]{1,128})$/.exec(location.hash)?.[1] ?? null;
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  return code;
}
