/** A venue takes only so many stops: the entry whose stop would be refused is refused beforehand. */
import { expect, test } from "vitest";
import { stopPlaceable } from "../../src/checks/stop_placeable.ts";
import { makeEntry } from "../fixtures/intent.ts";
import { makeRiskView } from "../fixtures/risk_view.ts";

test.each([
  ["no such limit", undefined, null],
  ["one place left", { used: 4, max: 5 }, null],
  ["none left", { used: 5, max: 5 }, { stopsResting: "5", stopsMax: "5" }],
] as const)("%s [V37]", (_, stopSlots, expected) => {
  const denied = stopPlaceable.evaluate(makeEntry(), makeRiskView(stopSlots === undefined ? {} : { stopSlots }));
  if (expected === null) expect(denied).toBeNull();
  else expect(denied).toMatchObject(expected);
});
