/**
 * Signing in and out of the desk.
 *
 *   one-time code --redeemCode--> person --> token (192 random bits) --> cookie in the browser
 *                                                      \-- SHA-256 --> openSession
 *
 * The cookie is HttpOnly and SameSite=Strict, named after the port because browsers share cookies between ports of a host.
 */
import { addMs, type DurationMs, day } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Vault } from "../../ports/vault.ts";
import type { DeskDoor, DeskPerson } from "./door.ts";
import { openTryLimit } from "./try_limit.ts";

const sessionLength = (30 * day) as DurationMs;
const triesPerMinute = 5;
/** Right and wrong codes are answered after the same time, so that the time tells nothing. */
const answerAfterMs = 250;
const tokenForm = /^[A-Za-z0-9_-]{32}$/;

export type Session = { readonly tokenHash: string; readonly personId: string };

export type SignIn =
  | { readonly kind: "signed_in"; readonly person: DeskPerson; readonly cookie: string }
  | { readonly kind: "refused"; readonly status: 401 | 429; readonly because: string };

export type Sessions = {
  /** `host` is the Host header, `isSecure` whether the page itself came over https. */
  signIn(code: string, at: { host: string; isSecure: boolean }): Promise<SignIn>;
  find(cookieHeader: string | undefined, host: string): Promise<{ session: Session; person: DeskPerson } | null>;
  /** The Set-Cookie header that clears the cookie. */
  signOut(session: Session | null, host: string): Promise<string>;
};

type Parts = { readonly door: DeskDoor; readonly clock: Clock; readonly vault: Vault; readonly log: Log };

export function openSessions({ door, clock, vault, log }: Parts): Sessions {
  const limit = openTryLimit(clock, triesPerMinute);

  async function redeem(code: string): Promise<DeskPerson | null> {
    const redeemed = await door.redeemCode(code);
    if (redeemed.ok) return redeemed.value;
    log.warn("A code was refused at the desk", { because: redeemed.problem.because });
    return null;
  }

  return {
    async signIn(code, { host, isSecure }) {
      const wait = limit.waitSeconds();
      if (wait > 0) {
        return { kind: "refused", status: 429, because: `Too many tries. Try again in ${wait} s` };
      }
      // Counted before the code is looked at, so that many tries at once can't slip through.
      limit.noteTry();
      const [person] = await Promise.all([redeem(code), clock.sleep(answerAfterMs)]);
      if (person === null) {
        return {
          kind: "refused",
          status: 401,
          because:
            "This code is wrong, already used or too old. Use the newest address in the terminal where the house runs",
        };
      }
      limit.forgive();
      const token = vault.token() + vault.token();
      await door.openSession({
        tokenHash: vault.sha256(token),
        personId: person.personId,
        openedAt: clock.wall(),
      });
      log.info("Signed in at the desk", { person: person.personId });
      return { kind: "signed_in", person, cookie: cookieText(host, token, sessionLength / 1000, isSecure) };
    },

    async find(cookieHeader, host) {
      const token = readCookie(cookieHeader, cookieName(host));
      if (token === null || !tokenForm.test(token)) return null;
      // Looked up by hash: comparing equal is the database's work on a value that the caller can't steer.
      const tokenHash = vault.sha256(token);
      const stored = await door.findSession(tokenHash);
      if (stored === null) return null;
      const person = door.personNow(stored.personId);
      if (person === null || clock.wall() >= addMs(stored.openedAt, sessionLength)) {
        await door.closeSession(tokenHash);
        return null;
      }
      return { session: { tokenHash, personId: stored.personId }, person };
    },

    async signOut(session, host) {
      if (session !== null) await door.closeSession(session.tokenHash);
      return cookieText(host, "", 0, false);
    },
  };
}

export function cookieName(host: string): string {
  return `countersign_desk_${/:(\d{1,5})$/.exec(host)?.[1] ?? "web"}`;
}

function cookieText(host: string, value: string, maxAgeSeconds: number, isSecure: boolean): string {
  const secure = isSecure ? "; Secure" : "";
  return `${cookieName(host)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
}

export function readCookie(header: string | undefined, name: string): string | null {
  for (const part of (header ?? "").split(";")) {
    const [key, value] = part.trim().split("=", 2);
    if (key === name && value !== undefined) return value;
  }
  return null;
}
