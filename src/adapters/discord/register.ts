/** Makes Discord's slash commands equal to ours: reads what is there first and writes only what differs. */
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

/** Resolves with the number of requests that wrote something. */
export async function syncCommands(
  wire: Wire,
  about: { applicationId: string; guildId: string | null; wanted: readonly SlashCommand[] },
): Promise<Result<{ readonly writes: number }, WireProblem>> {
  const { applicationId, guildId } = about;
  const path: `/${string}` =
    guildId === null
      ? `/applications/${applicationId}/commands`
      : `/applications/${applicationId}/guilds/${guildId}/commands`;
  // Guild commands don't exist in direct messages; global ones say where they do.
  const wanted = guildId === null ? about.wanted.map((command) => ({ ...command, contexts: [0, 1] })) : about.wanted;
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
