/**
 * What the house and its watchdog say to each other, and what each signs. Both hold one key.
 *
 *   watchdog --nonce, its time, seal over both--> GET /beacon
 *   house    --body, seal over nonce and body---> watchdog
 *
 * A recorded request is worthless after `askFreshMs` and used up before; a recorded answer belongs to a nonce that is never
 * asked again. The two texts begin differently, so neither can be passed off as the other.
 */
import { z } from "zod";

/** Signs a text with the key, and knows a true signature without telling by its time how near a false one came. */
export type Seal = { sign(text: string): string; isRight(text: string, signature: string): boolean };

export const beaconStates = ["starting", "well", "sick", "stopping"] as const;

const beaconSchema = z.strictObject({
  state: z.enum(beaconStates),
  /** One sentence each, the same as long as the trouble is the same. */
  problems: z.array(z.string().max(300)).max(100),
  /** Head of the audit chain. */
  head: z.string().max(64),
  /** Wall time of the house, ms. */
  at: z.number().int(),
});

export type Beacon = z.infer<typeof beaconSchema>;

/** A request older or newer than this by the clock of the house is refused, ms. */
export const askFreshMs = 30_000;
export const beaconHeaders = { at: "x-beacon-at", nonce: "x-beacon-nonce", seal: "x-beacon-seal" } as const;
export const nonceForm = /^[\w-]{16,64}$/;

export const askText = (nonce: string, at: number): string => `countersign beacon, asked\n${nonce}\n${at}`;
export const answerText = (nonce: string, body: string): string => `countersign beacon, answered\n${nonce}\n${body}`;

/** null = no beacon of ours, whatever it is. */
export function readBeacon(body: string): Beacon | null {
  try {
    const read = beaconSchema.safeParse(JSON.parse(body));
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
