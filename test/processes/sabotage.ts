/** Code that is loaded into the bot from outside, to do there what only a mistake of ours or a bad package would do. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stage } from "../smoke/stage.ts";

type NodeOptions = { readonly NODE_OPTIONS: string };

/** @returns what makes a start run this code before its own. */
export function loaded(stage: Stage, code: string): NodeOptions {
  const path = join(stage.folder, "loaded_from_outside.cjs");
  writeFileSync(path, code);
  return { NODE_OPTIONS: `--require ${path}` };
}

/** `first` runs before the bot's own code, `fault` as soon as the bot has said that it is ready. */
export function onceReady(stage: Stage, { first = "", fault }: { first?: string; fault: string }): NodeOptions {
  return loaded(
    stage,
    `${first} const write = process.stdout.write.bind(process.stdout); let done = false;
     process.stdout.write = (text, ...rest) => { if (!done && String(text).includes("Ready after")) { done = true; ${fault} } return write(text, ...rest); };`,
  );
}
