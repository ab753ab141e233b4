/** The tool that reads the catalogue must itself be able to fail. */
import { describe, expect, it } from "vitest";
import { mark, onMark } from "../../src/core/mark.ts";
import { faultIdsIn, isPromiseKept } from "./records.ts";
import { catalogue, marksInSource, testsInSource } from "./scan.ts";

describe("the catalogue of faults", () => {
  it.each([
    ["a late fill opens it again [V17]", ["V17"]],
    ["two at once [V01 X04] and [H02]", ["V01", "X04", "H02"]],
    ["an array [0] or [A01] names none", []],
    ["V17 without brackets names none", []],
  ])("%s", (title, ids) => expect(faultIdsIn(title)).toEqual(ids));

  it("holds 164 faults, each id once", () => {
    expect(new Set(catalogue.map((fault) => fault.id)).size).toBe(164);
    expect(catalogue).toHaveLength(164);
  });

  it("knows every id that a test or a mark names", () => {
    // These are named in the text of the execution page and stand in no row of the catalogue.
    const known = new Set([...catalogue.map((fault) => fault.id), "S05", "V23", "O03", "K05"]);
    const strangers = [...testsInSource().keys(), ...marksInSource().keys()].filter((id) => !known.has(id));
    expect(strangers).toEqual([]);
  });

  it("a failed test keeps no promise, and one that is green when asked again keeps it", () => {
    const firstTry = { state: "fail", errors: [{}] };
    const secondTry = { state: "pass", errors: [{}] };
    expect(isPromiseKept(firstTry)).toBe(false);
    expect(isPromiseKept(secondTry)).toBe(true);
    expect(isPromiseKept({ state: "run" })).toBe(true);
  });

  it("a mark reaches its listener and nobody else", () => {
    const seen: string[] = [];
    const before = onMark((name) => void seen.push(name));
    mark("V17.listener_works");
    onMark(undefined);
    mark("V17.nobody_listens");
    onMark(before);
    expect(seen).toEqual(["V17.listener_works"]);
  });
});
