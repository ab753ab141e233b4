/** Keeps Telegram's command menu equal to our commands: asks what it holds and writes only a difference. */
import type { Api } from "grammy";
import { cutText, oneLine } from "../../core/clean_text.ts";
import type { AnyCommand } from "../../define/command.ts";

type MenuLine = { readonly command: string; readonly description: string };

const linesMax = 100;
const descriptionMax = 256;

export function menuLines(commands: readonly AnyCommand[]): MenuLine[] {
  return commands
    .map(({ name, summary }) => ({ command: name, description: cutText(oneLine(summary), descriptionMax) || name }))
    .slice(0, linesMax);
}

/** @throws what grammY throws; the caller tries again at its next connection. */
export async function syncMenu(api: Api, wanted: readonly MenuLine[]): Promise<"set" | "unchanged"> {
  const present = await api.getMyCommands();
  if (print(present) === print(wanted)) return "unchanged";
  await api.setMyCommands(wanted);
  return "set";
}

function print(lines: readonly MenuLine[]): string {
  return JSON.stringify(lines.map(({ command, description }) => [command, description]));
}
