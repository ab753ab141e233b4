/** All golden texts, and where they lie. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { alertScenes } from "./alerts.ts";
import { noticeScenes } from "./notices.ts";
import { promptScenes } from "./prompts.ts";
import { replyScenes } from "./replies.ts";
import type { Scene } from "./scene.ts";
import { summaryScenes } from "./summaries.ts";
import { tapScenes } from "./taps.ts";

const folder = fileURLToPath(new URL("texts", import.meta.url));

export const scenes: readonly Scene[] = [
  ...alertScenes,
  ...promptScenes,
  ...tapScenes,
  ...replyScenes,
  ...noticeScenes,
  ...summaryScenes,
];

export const fileOf = (name: string): string => join(folder, `${name}.txt`);

/** Names of the files that lie there, without ending. */
export function filesThere(): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".txt"))
    .map((name) => name.slice(0, -4).replaceAll("\\", "/"))
    .sort();
}
