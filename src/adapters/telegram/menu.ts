/**
 * Keeps Telegram's command menus equal to ours: one for whoever is not known, one for each chat of people who are. Asks what
 * Telegram holds and writes only a difference; what can't be done now is tried again at a later poll, at most once a minute.
 */
import type { Api } from "grammy";
import { cutText, oneLine } from "../../core/clean_text.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Menu } from "../../ports/messenger.ts";
import { explain, wireProblem } from "./problems.ts";

type MenuLine = { readonly command: string; readonly description: string };
/** "" = wherever no other menu is set. */
type Scope = string;

const linesMax = 100;
const descriptionMax = 256;
const retryMs = 60_000;

export function menuLines(commands: Menu["commands"]): MenuLine[] {
  return commands
    .map(({ name, summary }) => ({ command: name, description: cutText(oneLine(summary), descriptionMax) || name }))
    .slice(0, linesMax);
}

export type MenuKeeper = {
  set(menus: readonly Menu[]): void;
  /** Cheap when nothing is due; called after every poll. */
  retryIfDue(): void;
  settled(): Promise<unknown>;
};

type Needs = { readonly api: Api; readonly clock: Clock; readonly log: Log; readonly token: string };

export function keepsMenus(needs: Needs): MenuKeeper {
  const { clock } = needs;
  let wanted = new Map<Scope, MenuLine[]>();
  /** What Telegram is known to hold. */
  const held = new Map<Scope, string>();
  let triedMono: number | null = null;
  let current: Promise<unknown> = Promise.resolve();

  const due = (): readonly Scope[] =>
    [...new Set([...wanted.keys(), ...held.keys()])].filter((scope) => held.get(scope) !== printOf(wanted.get(scope)));

  async function work(): Promise<void> {
    triedMono = clock.mono();
    for (const scope of due()) {
      const lines = wanted.get(scope);
      // One chat that refuses must not keep the menus of all others from being set.
      if (!(await isShown(needs, scope, lines))) continue;
      if (lines === undefined) held.delete(scope);
      else held.set(scope, printOf(lines));
    }
  }
  const begin = () => {
    current = current.then(work);
  };
  return {
    set(menus) {
      wanted = new Map(menus.map(({ chatId, commands }) => [chatId ?? "", menuLines(commands)]));
      begin();
    },
    retryIfDue() {
      if (triedMono !== null && clock.mono() - triedMono > retryMs && due().length > 0) begin();
    },
    settled: () => current,
  };
}

const printOf = (lines: readonly MenuLine[] | undefined): string =>
  lines === undefined ? "" : JSON.stringify(lines.map(({ command, description }) => [command, description]));

/** @returns false when it should be tried again. */
async function isShown({ api, log, token }: Needs, scope: Scope, lines: MenuLine[] | undefined): Promise<boolean> {
  const where = scope === "" ? {} : { scope: { type: "chat" as const, chat_id: Number(scope) } };
  try {
    if (lines === undefined) await api.deleteMyCommands(where);
    else if (printOf(await api.getMyCommands(where)) !== printOf(lines)) await api.setMyCommands(lines, where);
    return true;
  } catch (error) {
    const problem = wireProblem(error, token);
    const because = explain(error, token);
    // Somebody named in the settings who never wrote to the bot has no chat yet; the menu comes with the next change of people.
    const isNoChat = problem.kind === "refused" && (problem.code === 400 || problem.code === 403) && scope !== "";
    if (isNoChat) log.info("Telegram has no chat for a command menu", { chat: scope, because });
    else log.warn("A Telegram command menu could not be set; tried again later", { because });
    return isNoChat;
  }
}
