/** Asks the house once how it is. Whatever goes wrong is an answer, too: it says why nothing that can be trusted was heard. */
import { answerText, askText, beaconHeaders, readBeacon, type Seal } from "../core/beacon.ts";
import type { Heard } from "./judge.ts";

export type Asking = {
  readonly house: string;
  /** null = the key file is not there (yet). */
  readonly seal: Seal | null;
  /** Never the same twice. */
  readonly nonce: string;
  readonly wall: () => number;
  readonly patienceMs: number;
};

/** Larger than any honest answer; more is not read. */
const bodyMax = 64 * 1_024;
const refusals: Readonly<Record<number, string>> = {
  401: "it does not know our key; both need the same beacon.key or BEACON_KEY",
  409: "its clock and the watchdog's are more than 30 s apart",
  429: "it has heard too many questions",
};

export async function askHouse({ house, seal, nonce, wall, patienceMs }: Asking): Promise<Heard> {
  if (seal === null)
    return silent("there is no key to ask with: the house writes beacon.key into its home at its start");
  const at = wall();
  try {
    const answer = await fetch(`${house}/beacon`, {
      headers: {
        [beaconHeaders.at]: String(at),
        [beaconHeaders.nonce]: nonce,
        [beaconHeaders.seal]: seal.sign(askText(nonce, at)),
      },
      redirect: "error",
      signal: AbortSignal.timeout(patienceMs),
    });
    const body = await readShort(answer);
    if (!answer.ok) return silent(refusals[answer.status] ?? `something answers with status ${answer.status}`);
    if (body === null || !seal.isRight(answerText(nonce, body), answer.headers.get(beaconHeaders.seal) ?? ""))
      return silent("something answers in its place, without its seal");
    const beacon = readBeacon(body);
    if (beacon === null) return silent("it answers in a way that this watchdog does not know; is it the same version?");
    return { kind: "answered", beacon, wallAt: wall() };
  } catch (error) {
    return silent(reasonOf(error));
  }
}

const silent = (because: string): Heard => ({ kind: "silent", because });

/** null = longer than anything that the house says. */
async function readShort(answer: Response): Promise<string | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > bodyMax) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function reasonOf(error: unknown): string {
  const { name, cause } = error as { readonly name?: string; readonly cause?: { readonly code?: string } };
  if (name === "TimeoutError") return "it takes the call and says nothing";
  return cause?.code === "ECONNREFUSED" ? "nobody answers at its address" : "it can't be reached";
}
