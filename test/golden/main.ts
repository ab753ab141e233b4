/** `npm run golden`: writes every golden text anew and takes away those that nobody draws any more. Read what changed before you commit it. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileOf, filesThere, scenes } from "./scenes.ts";

let changed = 0;
const only = process.argv[2] ?? "";
for (const scene of scenes) {
  if (!scene.file.startsWith(only)) continue;
  const file = fileOf(scene.file);
  const text = await scene.draw();
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  changed += 1;
  process.stdout.write(`${scene.file}\n`);
}
for (const name of filesThere()) {
  if (scenes.some((scene) => scene.file === name)) continue;
  rmSync(fileOf(name));
  changed += 1;
  process.stdout.write(`${name}: taken away\n`);
}
process.stdout.write(
  changed === 0 ? "Every golden text is as it was.\n" : `${changed} golden texts changed: read them.\n`,
);
process.exit(0);
