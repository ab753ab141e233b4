/** More power for somebody takes a second owner, or an hour in which anybody may stop it; nobody gets it in silence, or twice. */
import { expect, test } from "vitest";
import type { Role } from "../../src/core/authority.ts";
import type { Fact } from "../../src/core/events.ts";
import { reminderAlert } from "../../src/core/ladder.ts";
import { askAccess, settleAccess } from "../../src/flows/ask_access.ts";
import { climbLadders } from "../../src/flows/climb_ladder.ts";
import { issueCode, useCode } from "../../src/flows/link_people.ts";
import { changeRole, removePerson, unlinkPerson } from "../../src/flows/manage_people.ts";
import { finishRaises } from "../../src/flows/raise_role.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { settle } from "../../src/flows/request_approval.ts";
import { expireApprovals } from "../../src/flows/settle_approval.ts";
import { personSet } from "../fixtures/facts.ts";
import { eve, openRunningHouse } from "../fixtures/running_house.ts";

const person = (personId: string, role: Role): Fact => personSet(personId, role, { origin: "chat" });

/** Ana, an owner, wants Cleo to sign; Bo is owner too, or is not. */
async function asked(bo: "approver" | "owner", change: { readonly isStepUp?: boolean } = {}) {
  const { house, run } = await openRunningHouse(1, (same) => ({
    ...same,
    approvals: { ...same.approvals, isStepUp: change.isStepUp ?? true },
  }));
  const { needs } = house;
  await run(recordFacts(needs, "house", [person("bo", bo), person("cleo", "operator")]));
  const give = (role: Role, reason = "she watches the night") =>
    run(changeRole(needs, { actor: "person:ana", sentAt: needs.clock.wall(), who: "cleo", role, reason }));
  const request = () => Object.values(house.books().approvals).findLast((one) => one.subject.kind === "raise_role");
  const role = () => house.books().people.persons["cleo"]?.role;
  const look = () => expireApprovals(needs).then(() => finishRaises(needs));
  const tend = (times = 1) => run(Promise.all(Array.from({ length: times }, look)));
  return { house, needs, run, give, request, role, tend };
}

test("alone it takes an hour: not a second less, once, and everybody is told", async () => {
  const { house, give, request, role, tend } = await asked("approver");
  expect((await give("approver")).ok).toBe(true);
  expect(request()).toMatchObject({ tier: "T3", state: "pending", subject: { isAlone: true } });
  house.wait(3_599_999);
  await tend();
  expect([role(), request()?.state]).toEqual(["operator", "pending"]);
  house.wait(1);
  await tend(2);
  expect([role(), request()?.state]).toEqual(["approver", "executed"]);
  expect(request()?.decidedBy).toEqual(["policy:single_operator"]);
  expect(
    house.facts.filter(
      ({ fact }) => fact.type === "person_set" && fact.role === "approver" && fact.personId === "cleo",
    ),
  ).toHaveLength(1);
  expect(
    house.facts.filter(({ fact }) => fact.type === "card_queued" && fact.alert === "role_raised").length,
  ).toBeGreaterThan(0);
});

test("a clock on the wall that is set forward by an hour shortens nobody's hour to say no", async () => {
  const { house, give, request, tend } = await asked("approver");
  await give("approver");
  await tend();
  house.passTime(3_600_000);
  await tend();
  expect(request()?.state).toBe("pending");
  house.wait(3_599_999);
  await tend();
  expect(request()?.state).toBe("pending");
  house.wait(1);
  await tend();
  expect(request()?.state).toBe("executed");
});

test("with a second owner time alone gives nothing: silence means no", async () => {
  const { house, give, request, role, tend } = await asked("owner");
  await give("owner");
  expect(request()?.subject).toMatchObject({ isAlone: false });
  house.wait(600_000);
  await tend();
  house.wait(3_600_000);
  await tend();
  expect([role(), request()?.state]).toEqual(["operator", "expired"]);
});

test("a reminder names no button that its prompt has not", async () => {
  const { house, needs, run, give } = await asked("owner");
  const footers = () =>
    house.facts.flatMap(({ fact }) => (fact.type === "card_queued" && fact.alert === reminderAlert ? [fact.card] : []));
  await give("owner");
  house.wait(150_000);
  await run(climbLadders(needs));
  expect(new Set(footers().map(({ footer }) => footer))).toEqual(new Set(["Answer on the prompt above."]));
  await run(house.ask());
  house.wait(needs.settings.approvals.expiresMs / 4);
  await run(climbLadders(needs));
  expect(footers().at(-1)?.footer).toBe("Answer on the prompt above; Later… there ends these reminders.");
});

test("a yes that a crash kept from being carried out is carried out by the next look; a no never is", async () => {
  const yes = await asked("owner");
  await yes.give("approver");
  const settled = (to: "approved" | "declined", approvalId: string, at: number) =>
    settle({ approvalId, version: 1 }, { to, by: ["bo"], reason: null, at });
  const at = yes.needs.clock.wall();
  await yes.run(recordFacts(yes.needs, "person:bo", [settled("approved", yes.request()?.approvalId ?? "", at)]));
  await yes.tend();
  expect([yes.role(), yes.request()?.state]).toEqual(["approver", "executed"]);
  const no = await asked("approver");
  await no.give("approver");
  await no.run(recordFacts(no.needs, "person:bo", [settled("declined", no.request()?.approvalId ?? "", at)]));
  no.house.wait(3_600_000);
  await no.tend();
  expect([no.role(), no.request()?.state]).toEqual(["operator", "declined"]);
});

test("lowering and leaving need nobody and no wait, and void what was asked for the person of before", async () => {
  for (const take of ["lower", "remove"] as const) {
    const { house, needs, run, give, request, role, tend } = await asked("approver");
    await give("owner");
    if (take === "lower") expect((await give("viewer", "")).ok).toBe(true);
    else await run(removePerson(needs, { actor: "person:ana", sentAt: needs.clock.wall(), who: "cleo" }));
    house.wait(3_600_000);
    await tend();
    expect(request()?.state).toBe("invalidated");
    expect(role()).toBe(take === "lower" ? "viewer" : "operator");
    expect(house.books().people.persons["cleo"]?.isActive).toBe(take === "lower");
  }
});

test("asked anew, the newer question stands alone", async () => {
  const { house, give, tend, role } = await asked("approver");
  await give("owner");
  house.wait(1_800_000);
  await give("approver");
  house.wait(1_800_000);
  await tend();
  expect(role()).toBe("operator");
  expect(Object.values(house.books().approvals).map((one) => one.state)).toEqual(["superseded", "pending"]);
});

test("no reason, no question; where no proofs are asked for, as in practice, it counts at once", async () => {
  const { give, request, role } = await asked("approver");
  expect(await give("approver", "")).toMatchObject({ ok: false });
  expect([request(), role()]).toEqual([undefined, "operator"]);
  const practice = await asked("approver", { isStepUp: false });
  await practice.give("approver", "");
  expect([practice.request(), practice.role()]).toEqual([undefined, "approver"]);
});

test.each([true, false])(
  "whom an owner alone lets in as approver reads for an hour first, where proofs are asked for (%s)",
  async (isStepUp) => {
    const { house, needs, run, request, tend } = await asked("approver", { isStepUp });
    await run(askAccess(needs, eve));
    const requestId = Object.keys(house.books().people.access)[0] ?? "";
    const settled = await run(settleAccess(needs, { requestId, role: "approver", personId: "ana" }));
    const role = () => house.books().people.persons["telegram999"]?.role;
    expect([settled.kind, role()]).toEqual(["settled", isStepUp ? "viewer" : "approver"]);
    if (!isStepUp) return;
    expect(request()).toMatchObject({
      state: "pending",
      requester: "person:ana",
      subject: { to: "approver", isAlone: true },
    });
    expect(settled).toMatchObject({ role: "viewer", later: expect.stringMatching(/^approver in 1 h unless/) });
    house.wait(3_599_999);
    await tend();
    expect(role()).toBe("viewer");
    house.wait(1);
    await tend();
    expect(role()).toBe("approver");
  },
);

test("an operator whom an owner lets in signs nothing, and is in at once", async () => {
  const { house, needs, run, request } = await asked("approver");
  await run(askAccess(needs, eve));
  const requestId = Object.keys(house.books().people.access)[0] ?? "";
  await run(settleAccess(needs, { requestId, role: "operator", personId: "ana" }));
  expect([house.books().people.persons["telegram999"]?.role, request()]).toEqual(["operator", undefined]);
});

type Asked = Awaited<ReturnType<typeof asked>>;
const takes: Readonly<Record<string, (at: Asked) => Promise<{ readonly ok: boolean }>>> = {
  "taken out": ({ needs }) => removePerson(needs, { actor: "person:ana", sentAt: needs.clock.wall(), who: "bo" }),
  "made less": ({ needs }) =>
    changeRole(needs, { actor: "person:ana", sentAt: needs.clock.wall(), who: "bo", role: "viewer", reason: "" }),
  unlinked: ({ needs }) =>
    unlinkPerson(needs, { actor: "person:ana", sentAt: needs.clock.wall(), who: "bo", platform: null }),
};

test.each(Object.keys(takes))("an owner who has just %s the other one decides nothing alone for a day", async (how) => {
  const at = await asked("owner");
  const { house, run, give, request } = at;
  expect((await run(takes[how]?.(at) ?? Promise.reject(new Error(how)))).ok).toBe(true);
  await give("approver");
  expect(request()?.subject).toMatchObject({ isAlone: false });
  house.wait(24 * 3_600_000);
  await give("approver");
  expect(request()?.subject).toMatchObject({ isAlone: true });
});

test("a code of somebody else takes the last account that reaches an owner from nobody", async () => {
  const { house, needs, run } = await asked("approver");
  const { name: _name, ...account } = { ...eve, userId: "111" };
  const by = { actor: "person:ana", sentAt: needs.clock.wall(), who: "ana" };
  await run(unlinkPerson(needs, { ...by, platform: "discord" }));
  const code = await run(issueCode(needs, "bo", "person:bo"));
  expect(await run(useCode(needs, code, account))).toEqual({ ok: false, problem: "last_owner" });
  expect(house.books().people.links["telegram:111"]?.personId).toBe("ana");
  expect((await run(useCode(needs, code, { ...account, userId: "555" }))).ok).toBe(true);
});
