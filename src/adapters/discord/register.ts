/**
 * Makes Discord's slash commands equal to ours: reads what is there first and writes only what differs.
 *
 *   a guild is named --> its own list (there at once) + a global one for direct messages with the bot alone
 *   none is named    --> one global list for all guilds and direct messages
 *
 * Commands of a guild don't exist in direct messages, and a global one that named the guild too would stand there twice.
 */
import { z } from "zod";
import { fail, ok, type Result } from "../../core/result.ts";
import type { WireProblem } from "./problems.ts";
import { type HeldCommand, heldCommand, isSameCommand, type SlashCommand } from "./slash.ts";
import type { Wire, WireRequest } from "./wire.ts";

/** More differences than this are written in one request instead of one each. */
const singlesMax = 5;

export type Difference =
  | { readonly kind: "add" | "change"; readonly command: SlashCommand; readonly heldId: string | null }
  | { readonly kind: "remove"; readonly heldId: string; readonly name: string };

export function differences(held: readonly HeldCommand[], wanted: readonly SlashCommand[]): Difference[] {
  const slash = held.filter((command) => (command.type ?? 1) === 1);
  const written = wanted.flatMap((command): Difference[] => {
    const same = slash.find((each) => each.name === command.name);
    if (same === undefined) return [{ kind: "add", command, heldId: null }];
    return isSameCommand(same, command) ? [] : [{ kind: "change", command, heldId: same.id }];
  });
  const names = new Set(wanted.map((command) => command.name));
  const removed = slash.filter((command) => !names.has(command.name));
  return [...written, ...removed.map(({ id, name }): Difference => ({ kind: "remove", heldId: id, name }))];
}

/** As Discord counts the places where a global command is offered. */
const inGuilds = 0;
const inDirectMessages = 1;

type Scope = { readonly path: `/${string}`; readonly wanted: readonly SlashCommand[] };

/** Resolves with the number of requests that wrote something. A list that is refused doesn't keep the other from being written. */
export async function syncCommands(
  wire: Wire,
  about: { applicationId: string; guildId: string | null; wanted: readonly SlashCommand[] },
): Promise<Result<{ readonly writes: number }, WireProblem>> {
  let writes = 0;
  let problem: WireProblem | null = null;
  for (const scope of scopesOf(about)) {
    const synced = await syncScope(wire, scope);
    if (synced.ok) writes += synced.value.writes;
    else problem ??= synced.problem;
    // Without the token, or while Discord asks to wait, the other list would fare no better.
    if (problem !== null && problem.kind !== "refused") break;
  }
  return problem === null ? ok({ writes }) : fail(problem);
}

function scopesOf(about: { applicationId: string; guildId: string | null; wanted: readonly SlashCommand[] }): Scope[] {
  const { applicationId, guildId, wanted } = about;
  const application: `/${string}` = `/applications/${applicationId}`;
  const globally = (...contexts: readonly number[]): Scope => ({
    path: `${application}/commands`,
    wanted: wanted.map((command) => ({ ...command, contexts })),
  });
  if (guildId === null) return [globally(inGuilds, inDirectMessages)];
  return [{ path: `${application}/guilds/${guildId}/commands`, wanted }, globally(inDirectMessages)];
}

async function syncScope(
  wire: Wire,
  { path, wanted }: Scope,
): Promise<Result<{ readonly writes: number }, WireProblem>> {
  const answer = await wire.request({ method: "GET", path });
  if (!answer.ok) return answer;
  const held = z.array(heldCommand).safeParse(answer.value);
  if (!held.success) return fail({ kind: "no_answer", because: "Discord's list of commands can't be read" });
  const differing = differences(held.data, wanted);
  const writes: WireRequest[] =
    differing.length > singlesMax
      ? [{ method: "PUT", path, body: wanted }]
      : differing.map((each) => writeOf(path, each));
  for (const write of writes) {
    const written = await wire.request(write);
    if (!written.ok) return written;
  }
  return ok({ writes: writes.length });
}

function writeOf(path: `/${string}`, difference: Difference): WireRequest {
  if (difference.kind === "remove") return { method: "DELETE", path: `${path}/${difference.heldId}` };
  const { command, heldId } = difference;
  return heldId === null
    ? { method: "POST", path, body: command }
    : { method: "PATCH", path: `${path}/${heldId}`, body: command };
}
