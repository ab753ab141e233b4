/**
 * Every text that people get is written down and read by somebody before it changes. A red test shows the difference; when it
 * is meant, `npm run golden` writes it anew. What says something and has no golden text is red as well.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { alerts } from "../../src/alerts/index.ts";
import { reminderAlert } from "../../src/core/ladder.ts";
import { alertCases } from "./alert_cases.ts";
import { noticeCases } from "./notices.ts";
import { fileOf, filesThere, scenes } from "./scenes.ts";

const sourcesOf = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"));

const howTo = "run `npm run golden` and read what it wrote";

describe("a golden text", () => {
  it.each(scenes.map((scene) => [scene.file, scene] as const))("%s", async (file, scene) => {
    expect(existsSync(fileOf(file)), `texts/${file}.txt is missing: ${howTo}`).toBe(true);
    expect(await scene.draw(), `texts/${file}.txt differs: if that is meant, ${howTo}`).toBe(
      readFileSync(fileOf(file), "utf8"),
    );
  });

  it("belongs to something that still exists", () => {
    expect(filesThere()).toEqual(scenes.map(({ file }) => file).sort());
  });
});

describe("on a phone", () => {
  const blocks = (): readonly string[] => {
    const all: string[] = [];
    for (const name of filesThere())
      for (const part of readFileSync(fileOf(name), "utf8").split("=== ").slice(1)) all.push(`${name}: ${part}`);
    return all;
  };
  const desk = (block: string): readonly string[] =>
    (block.split("--- desk\n")[1] ?? "").split("\n--- telegram")[0]?.split("\n") ?? [];

  it("the title, which is all that a notification shows, fits two lines", () => {
    expect(blocks().filter((block) => (desk(block)[0] ?? "").length > 80)).toEqual([]);
  });

  it("no line is longer than five lines of a phone", () => {
    const long = blocks().flatMap((block) => desk(block).filter((line) => line.length > 220));
    expect(long).toEqual([]);
  });

  it("no text says undefined, null or NaN, ends twice, or names a person by an id", () => {
    const odd = blocks().flatMap((block) =>
      desk(block).filter((line) => /undefined|NaN|\[object|!\.|\.\.|By person:/.test(line)),
    );
    expect(odd).toEqual([]);
  });

  it("nothing failed while it was drawn", () => {
    expect(blocks().filter((block) => block.includes("That did not come to its end"))).toEqual([]);
  });
});

describe("nothing is told without a golden text", () => {
  it("every alert", () => {
    expect(Object.keys(alertCases).sort()).toEqual(alerts.map(({ name }) => name).sort());
  });

  it("every message that nobody asked for", () => {
    const queued = sourcesOf("src/flows").flatMap((text) =>
      [...text.matchAll(/\balert: "(\w+)"/g)].map(([, name]) => name),
    );
    const ofTheirOwn = ["digest", "reply"];
    const expected = [...new Set([...queued, reminderAlert])].filter((name) => !ofTheirOwn.includes(name ?? "")).sort();
    expect(Object.keys(noticeCases).sort()).toEqual(expected);
  });

  it("every command, by the examples of its definition", () => {
    const replies = filesThere().filter((name) => name.startsWith("replies/"));
    for (const { name } of commands) expect(replies).toContain(`replies/${name}`);
  });
});
