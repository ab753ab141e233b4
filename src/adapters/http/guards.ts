/**
 * Who may speak to the local server at all, decided before any route runs. Pure.
 *
 *   Host    stops DNS rebinding: a foreign name that resolves to 127.0.0.1 still carries its own name here.
 *   Origin  stops pages of other sites and of other local ports: SameSite cookies ignore the port, Origin does not.
 */

import { mark } from "../../core/mark.ts";

const loopbackNames = ["127.0.0.1", "localhost", "[::1]"] as const;

export type Doors = {
  /** The port on which the server listens. */
  readonly port: number;
  /** Further addresses under which a person reaches the desk, e.g. "https://desk.example.net" behind a reverse proxy. */
  readonly publicOrigins: readonly string[];
};

/** Every origin from which a page of ours can speak, in the spelling browsers use (default ports left out). */
export function ownOrigins(doors: Doors): readonly string[] {
  const port = doors.port === 80 ? "" : `:${doors.port}`;
  return [...loopbackNames.map((name) => `http://${name}${port}`), ...doors.publicOrigins.map(originText)];
}

function originText(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : address;
}

/** True when the Host header is one of our own addresses, port included. */
export function isOwnHost(doors: Doors, host: string | undefined): boolean {
  if (host === undefined) return false;
  const wanted = host.toLowerCase();
  return ownOrigins(doors).some((origin) => origin.slice(origin.indexOf("//") + 2) === wanted);
}

/** True when a page served by us, under this very host, sent the request. A missing Origin is a no. */
export function isOwnOrigin(doors: Doors, origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || host === undefined || !ownOrigins(doors).includes(origin)) return false;
  return origin.slice(origin.indexOf("//") + 2) === host.toLowerCase();
}

const readingMethods: ReadonlySet<string> = new Set(["GET", "HEAD"]);

export type Asking = {
  readonly method: string;
  readonly isUpgrade: boolean;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** The Sec-Fetch-Site header; absent in old browsers and command-line clients. */
  readonly fetchSite: string | undefined;
  readonly isApi: boolean;
};

/** Null lets the request in; a sentence refuses it. */
export function refusal(doors: Doors, asking: Asking): string | null {
  if (!isOwnHost(doors, asking.host)) return "This address is not one of the desk's own";
  // No platform calls us: chats are asked, never waited for. Whoever posts elsewhere forges a call, and none of it is read.
  if (!asking.isUpgrade && !asking.isApi && !readingMethods.has(asking.method)) {
    mark("M02.nobody_calls_this_house");
    return "Nothing here takes calls from outside";
  }
  const changes = asking.isUpgrade || !readingMethods.has(asking.method);
  if (changes && !isOwnOrigin(doors, asking.origin, asking.host)) {
    mark("M10.foreign_page");
    return "Only the desk's own page may ask for this (the Origin header must name it)";
  }
  // A page on another local port counts as the same site, so our cookie would travel with its reads.
  const site = asking.fetchSite;
  if (asking.isApi && site !== undefined && site !== "same-origin" && site !== "none") {
    return "Another page may not read the desk's data";
  }
  return null;
}
