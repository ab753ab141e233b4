/** What takes a proof takes it by every way to it, only of those who may do it at all, and only of those who can give one. */
import { expect, test } from "vitest";
import { code } from "../../commands/code.ts";
import { limits } from "../../commands/limits.ts";
import { reset } from "../../commands/reset.ts";
import { resolve } from "../../commands/resolve.ts";
import type { Role } from "../../src/core/authority.ts";
import type { Fact } from "../../src/core/events.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { personSet } from "../fixtures/facts.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

const at = { scope: "global", cause: "external_close" } as const;
const opening: Fact = { type: "breaker_opened", ...at, class: "sticky", evidence: { seen: "1" } };
const closing: Fact = { type: "breaker_closed", ...at, reason: "I sold it", how: "reset" };
const fourTimes: readonly Fact[] = [opening, closing, opening, closing, opening, closing, opening];

const bo = { sender: { userId: "333", displayName: "Bo", isPerson: true } } as const;

async function opened(role: Role, facts: readonly Fact[] = []) {
  const { house, run } = await openRunningHouse(1, (same) => ({
    ...same,
    approvals: { ...same.approvals, isStepUp: true },
  }));
  (house.needs as { commands: unknown }).commands = [resolve, reset, limits, code];
  await run(recordFacts(house.needs, "person:ana", [personSet("bo", role), ...facts]));
  const said = async (name: string, text: string, who: object = bo): Promise<string> => {
    await run(house.telegram.say(name, text, who));
    return house.telegram.messages.findLast((message) => message.isReply)?.card.title ?? "";
  };
  return { house, run, said };
}

test.each([
  ["reset", "external_close I sold it there"],
  ["resolve", "external_close accept I sold it there"],
])("the fourth time in a day a cause is closed by /%s takes a code", async (name, text) => {
  const { house, said } = await opened("operator", fourTimes);
  expect(await said(name, text)).toMatch(/takes a code of your authenticator app/);
  expect(Object.values(house.books().house.breakers)[0]).toMatchObject({ state: "open", asked: null });
});

test("the first time it takes none", async () => {
  const { house, said } = await opened("operator", [opening]);
  expect(await said("resolve", "external_close accept I sold it there")).toMatch(/^Closed/);
  expect(Object.values(house.books().house.breakers)).toEqual([]);
});

test.each(["operator", "approver"] as const)(
  "an %s, whom such a reset asks for a code, may set up an app",
  async (role) => {
    const { said } = await opened(role);
    expect(await said("code", "")).toBe("A new app is set up at the desk only.");
  },
);

test.each([
  ["resolve", "7h2kq9xa lost the venue says that it never arrived", /^That needs the role owner; yours is operator/],
  ["resolve", "flatten override sold it all by hand", /^That needs the role approver; yours is operator/],
  ["limits", "riskPerTrade 0.2% because", /^That needs the role owner; yours is operator/],
])("whom /%s %s is not for is told so, and not asked for a proof first", async (name, text, expected) => {
  const { house, said } = await opened("operator");
  await said("limits", "riskPerTrade 0.1%", {});
  expect(await said(name, text)).toMatch(expected);
  expect(house.books().questions).toEqual({});
});
