/** A limit is loosened by a second owner's proven yes, or an hour after the only one asked; never earlier, never after a no. */
import { expect, test } from "vitest";
import type { Fact } from "../../src/core/events.ts";
import { executeLoosening, finishLoosenings, looseningDrafts } from "../../src/flows/loosen_limit.ts";
import { resumeTrading } from "../../src/flows/lower_level.ts";
import { record, recordFacts } from "../../src/flows/record.ts";
import { settle } from "../../src/flows/request_approval.ts";
import { expireApprovals } from "../../src/flows/settle_approval.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

const wish = {
  actor: "person:ana",
  name: "riskPerTrade",
  text: "0.5%",
  from: "0.4 %",
  to: "0.5 %",
  reason: "new month, fresh eyes",
};
const bo = (role: "approver" | "owner"): Fact => ({
  type: "person_set",
  personId: "bo",
  name: "bo",
  role,
  timeZone: "UTC",
  isActive: true,
});

const tightened = (to: string): Fact => ({
  type: "control_changed",
  name: "riskPerTrade",
  from: null,
  to,
  reason: "a bad week",
});

async function asked(role: "approver" | "owner") {
  const { house, run } = await openRunningHouse(1);
  const { needs } = house;
  await run(recordFacts(needs, "house", [bo(role), tightened("0.4%")]));
  const told = await run(
    record(needs, (books, { wallAt }) => {
      const drafted = looseningDrafts(needs, books, wish, wallAt);
      return { drafts: drafted.drafts, value: drafted };
    }),
  );
  const request = () => Object.values(house.books().approvals).findLast((one) => one.subject.kind === "loosen_limit");
  const approvalId = request()?.approvalId ?? "";
  return { house, needs, told, request, approvalId, run };
}

const limitOf = ({ books }: Awaited<ReturnType<typeof asked>>["house"]) => books().house.controls["riskPerTrade"];

test("alone it takes an hour: not a second less, once, and the record says by which rule", async () => {
  const { house, needs, told, request, run } = await asked("approver");
  expect(told).toMatchObject({ isAlone: true, waitMs: 3_600_000 });
  house.wait(3_599_999);
  await run(finishLoosenings(needs));
  await run(expireApprovals(needs));
  expect([limitOf(house), request()?.state]).toEqual(["0.4%", "pending"]);
  house.wait(1);
  await run(expireApprovals(needs));
  await run(Promise.all([finishLoosenings(needs), finishLoosenings(needs)]));
  expect([limitOf(house), request()?.state]).toEqual(["0.5%", "executed"]);
  expect(request()?.decidedBy).toEqual(["policy:single_operator"]);
  expect(house.facts.filter((one) => one.fact.type === "control_changed")).toHaveLength(2);
});

test("with a second owner time alone loosens nothing: silence means no", async () => {
  const { house, needs, told, request, run } = await asked("owner");
  expect(told.isAlone).toBe(false);
  house.wait(told.waitMs);
  await run(finishLoosenings(needs));
  await run(expireApprovals(needs));
  await run(finishLoosenings(needs));
  expect([limitOf(house), request()?.state]).toEqual(["0.4%", "expired"]);
});

test("a yes that a crash kept from being carried out is carried out by the next look; a no never is", async () => {
  const yes = await asked("owner");
  const at = yes.needs.clock.wall();
  const settled = settle({ approvalId: yes.approvalId, version: 1 }, { to: "approved", by: ["bo"], reason: null, at });
  await yes.run(recordFacts(yes.needs, "person:bo", [settled]));
  await yes.run(finishLoosenings(yes.needs));
  expect([limitOf(yes.house), yes.request()?.state]).toEqual(["0.5%", "executed"]);
  const no = await asked("approver");
  const declined = settle({ approvalId: no.approvalId, version: 1 }, { to: "declined", by: ["bo"], reason: null, at });
  await no.run(recordFacts(no.needs, "person:bo", [declined]));
  no.house.wait(3_600_000);
  await no.run(executeLoosening(no.needs, no.approvalId));
  expect([limitOf(no.house), no.request()?.state]).toEqual(["0.4%", "declined"]);
});

test("whoever tightens the limit meanwhile is not overruled by what was asked about the limit of before", async () => {
  for (const role of ["approver", "owner"] as const) {
    const { house, needs, request, approvalId, run } = await asked(role);
    await run(recordFacts(needs, "person:bo", [tightened("0.1%")]));
    const at = needs.clock.wall();
    const yes = settle({ approvalId, version: 1 }, { to: "approved", by: ["bo"], reason: null, at });
    if (role === "owner") await run(recordFacts(needs, "person:bo", [yes]));
    house.wait(3_600_000);
    await run(finishLoosenings(needs));
    expect([limitOf(house), request()?.state]).toEqual(["0.1%", "invalidated"]);
    expect(request()?.reason).toBe("riskPerTrade is 0.1 % now");
  }
});

test("a pause and a resume meanwhile are about something else: the question goes on to wait", async () => {
  const { needs, request, run } = await asked("approver");
  const halted: Fact = { type: "level_changed", from: "none", to: "pause", reason: "lunch" };
  await run(recordFacts(needs, "person:ana", [halted]));
  expect((await run(resumeTrading(needs, { actor: "person:ana", reason: "back from lunch" }))).kind).toBe("lowered");
  expect(request()?.state).toBe("pending");
});
