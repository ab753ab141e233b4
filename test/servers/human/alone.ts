/** Starts a pretended platform by itself: its ports from the command line, what to tell the bot, and a page for the human. */
import type { Hands } from "./contract.ts";
import { openHumanPage } from "./page_server.ts";

export type Alone = { readonly port: number; readonly page: number };

/** `--port N --page N`; 0, the default, takes any free port. @throws with what to type. */
export function portsOf(argv: readonly string[]): Alone {
  const ports = { port: 0, page: 0 };
  for (let at = 0; at < argv.length; at += 2) {
    const name = argv[at]?.replace(/^--/, "");
    const value = argv[at + 1] ?? "";
    if ((name !== "port" && name !== "page") || !/^\d{1,5}$/.test(value) || Number(value) > 65_535)
      throw new Error("Write: npm run fake:telegram -- [--port 8081] [--page 8082]");
    ports[name] = Number(value);
  }
  return ports;
}

/** Prints how to point the bot at it; returns the page's address. */
export async function greet(
  about: {
    readonly name: string;
    readonly settings: Readonly<Record<string, string>>;
    readonly people: string;
    readonly hands: Hands;
  },
  page: number,
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const opened = await openHumanPage(about.hands, page);
  const lines = Object.entries(about.settings).map(([name, value]) => `  ${name}=${value}`);
  process.stdout.write(
    [
      `The pretended ${about.name} listens. Put this into the bot's .env, or before npm start:`,
      "",
      ...lines,
      "",
      `  Page     ${opened.address}`,
      `  People   ${about.people}`,
      "",
      "Open the page to play a human; type help here for bad weather; Ctrl-C ends it.",
      "",
    ].join("\n"),
  );
  return opened;
}
