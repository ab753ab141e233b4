/**
 * GET /beacon: tells the watchdog how the house is, and nobody else anything. A request without a right seal costs one HMAC
 * and hears a status; see src/core/beacon.ts for what is signed.
 *
 *   401 the seal is not right   409 too old or too new by our clock   429 asked before, or too many at once
 */
import type { FastifyInstance } from "fastify";
import {
  answerText,
  askFreshMs,
  askText,
  type Beacon,
  beaconHeaders,
  nonceForm,
  type Seal,
} from "../../core/beacon.ts";
import type { Clock } from "../../ports/clock.ts";

export type BeaconOptions = {
  readonly seal: Seal;
  readonly clock: Pick<Clock, "wall" | "mono">;
  /** Called for each right request, and for no other. */
  readonly read: () => Beacon;
};

const noncesMax = 1_000;

export function registerBeacon(app: FastifyInstance, { seal, clock, read }: BeaconOptions): void {
  const nonces = rememberNonces(clock);
  app.get("/beacon", async (request, reply) => {
    const [at, nonce, signature] = [beaconHeaders.at, beaconHeaders.nonce, beaconHeaders.seal].map(
      (name) => request.headers[name],
    );
    reply.header("cache-control", "no-store");
    if (typeof at !== "string" || typeof nonce !== "string" || typeof signature !== "string" || !nonceForm.test(nonce))
      return reply.code(401).send();
    const asked = Number(at);
    if (!seal.isRight(askText(nonce, asked), signature)) return reply.code(401).send();
    if (!(Math.abs(clock.wall() - asked) <= askFreshMs)) return reply.code(409).send();
    if (!nonces.isNew(nonce)) return reply.code(429).send();
    const body = JSON.stringify(read());
    return reply
      .header(beaconHeaders.seal, seal.sign(answerText(nonce, body)))
      .type("application/json")
      .send(body);
  });
}

/** Kept for as long as a request with one could be fresh: from the earliest to the latest time that it may name. */
function rememberNonces(clock: Pick<Clock, "mono">) {
  const seen = new Map<string, number>();
  return {
    isNew(nonce: string): boolean {
      const now = clock.mono();
      for (const [old, until] of seen) {
        if (until > now) break;
        seen.delete(old);
      }
      if (seen.has(nonce) || seen.size >= noncesMax) return false;
      seen.set(nonce, now + 2 * askFreshMs);
      return true;
    },
  };
}
