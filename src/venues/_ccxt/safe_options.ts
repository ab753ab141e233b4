/** What a client library must never be told: to wait longer than the venue's own fence, to send twice, to print its headers. */
import { assert } from "../../core/assert.ts";
import { mark } from "../../core/mark.ts";

/** Longest validity of a signed write, ms. A late packet of a dead process is refused by the venue itself after it. */
export const writeValidityMaxMs = 3_000;

export type ClientOptions = {
  readonly options: Readonly<Record<string, unknown>>;
  readonly verbose: boolean;
};

/** @returns what is unsafe and what to do; null = nothing. */
export function unsafeOption({ options, verbose }: ClientOptions): string | null {
  const window = Number(options["recvWindow"] ?? 0);
  const retries = Number(options["maxRetriesOnFailure"] ?? 0);
  if (!(window <= writeValidityMaxMs))
    return `recvWindow is ${String(options["recvWindow"])}; at most 3000 keeps late orders out`;
  if (retries !== 0)
    return `maxRetriesOnFailure is ${String(options["maxRetriesOnFailure"])}; an order is sent once, so it must be 0`;
  return verbose ? "verbose is on; it prints keys, so it must be off" : null;
}

/** @throws InvariantError: a client that is set up like this is opened by nobody. */
export function assertSafe(client: ClientOptions): void {
  const problem = unsafeOption(client);
  if (problem !== null) mark("G07.unsafe_client_option");
  assert(problem === null, `The client of this venue is not safe: ${problem ?? ""}`);
}
