/** A larger automatic order is shown first and goes by itself only when somebody could really have stopped it. */
import { expect, test } from "vitest";
import { notional } from "../../src/core/money.ts";
import { recordFacts } from "../../src/flows/record.ts";
import { expireApprovals } from "../../src/flows/settle_approval.ts";
import { showPrompts } from "../../src/flows/show_prompts.ts";
import { tendVetoes } from "../../src/flows/veto_window.ts";
import type { ApprovalHouse } from "../fixtures/approval_house.ts";
import { personSet } from "../fixtures/facts.ts";
import { openRunningHouse } from "../fixtures/running_house.ts";

const windowMs = 300_000;

type Window = {
  readonly house: ApprovalHouse;
  readonly run: <Value>(work: Promise<Value>) => Promise<Value>;
  readonly state: () => string | undefined;
  readonly reason: () => string | null | undefined;
  /** Seconds pass one by one, each with its look. */
  readonly seconds: (count: number, each?: number) => Promise<void>;
};

type Settings = ApprovalHouse["needs"]["settings"];

async function opened(from = "0", people: Settings["people"] = []): Promise<Window> {
  const { house, run } = await openRunningHouse(1, (same) => ({
    ...same,
    people: [...same.people, ...people],
    approvals: { ...same.approvals, policy: "automatic", veto: { from: notional(from), windowMs } },
  }));
  await run(house.ask());
  const asked = () => Object.values(house.books().approvals).at(-1);
  const look = async () => {
    await expireApprovals(house.needs);
    await tendVetoes(house.needs);
    await showPrompts(house.needs);
  };
  await run(look());
  return {
    house,
    run,
    state: () => asked()?.state,
    reason: () => asked()?.reason,
    async seconds(count, each = 1) {
      for (let second = 0; second < count; second += each) {
        house.wait(each * 1_000);
        await run(look());
      }
    },
  };
}

test("nobody says no: it goes at the end of the window, not a second before, once, and the record says by which rule", async () => {
  const { house, seconds, state } = await opened();
  expect(house.telegram.messages[0]?.buttons.map((button) => button.label)).toEqual([
    "Stop it",
    "Do it now",
    "Smaller…",
    "Later…",
  ]);
  expect(house.telegram.messages[0]?.card.footer).toMatch(/nobody has stopped it · silence lets it happen/);
  await seconds(299);
  expect([state(), house.sent.length]).toEqual(["pending", 0]);
  await seconds(2);
  expect([state(), house.sent.length]).toEqual(["executed", 1]);
  await seconds(60, 5);
  expect(house.sent).toHaveLength(1);
  expect(Object.values(house.books().approvals)[0]?.decidedBy).toEqual(["policy:veto_window"]);
});

test.each(["telegram", "discord"] as const)(
  "one no on %s stops it for everybody, at any second of the window",
  async (name) => {
    const { house, run, seconds, state, reason } = await opened();
    await seconds(298, 2);
    await run(house[name].tap("Stop it").then(() => showPrompts(house.needs)));
    await seconds(30, 5);
    expect(house.sent).toEqual([]);
    // The end of the window may come between the arrival of the no and its handling: then the arrival counts.
    if (state() === "expired") expect(reason()).toBe("not done by itself: somebody said no at the last moment");
    else expect(state()).toBe("declined");
    expect([...house.telegram.openPrompts(), ...house.discord.openPrompts()]).toEqual([]);
  },
);

test("whoever says do it now need not wait", async () => {
  const { house, run, seconds, state } = await opened();
  await seconds(5);
  await run(house.discord.tap("Do it now"));
  await seconds(20);
  expect([state(), house.sent.length]).toEqual(["executed", 1]);
  expect(Object.values(house.books().approvals)[0]?.decidedBy[0]).toMatch(/discord/);
});

test("an order below the limit goes at once", async () => {
  const { house, seconds, state } = await opened("1000000");
  expect(house.telegram.messages).toEqual([]);
  await seconds(1);
  // This house executes what a cycle would have handed over; asking approved it already.
  expect(state()).toBe("approved");
});

const doubts: readonly {
  readonly what: string;
  readonly spoil: (window: Window) => Promise<void>;
  readonly because: RegExp;
}[] = [
  {
    what: "a chat was deaf for one second, and it was the only one that showed it",
    async spoil({ house, seconds }) {
      for (const chat of [house.telegram, house.discord]) chat.isDeaf = true;
      await seconds(1);
      for (const chat of [house.telegram, house.discord]) chat.isDeaf = false;
    },
    because: /not heard for the whole window/,
  },
  {
    what: "the process stood still for a minute",
    spoil: ({ seconds }) => seconds(60, 60),
    because: /not heard for the whole window/,
  },
  {
    what: "everybody whom it reached may only look",
    spoil: ({ house, run }) =>
      run(recordFacts(house.needs, "house", [personSet("ana", "viewer"), personSet("bo", "viewer")])),
    because: /nobody who may stop it was shown it/,
  },
  {
    what: "the price moved past the worst price",
    async spoil({ house }) {
      house.move("0.02");
    },
    because: /the price moved/,
  },
  {
    what: "a new version was shown in the last half minute only",
    async spoil({ house, run, seconds }) {
      await seconds(280, 5);
      house.move("0.004");
      await run(house.discord.tap("Do it now").then(() => showPrompts(house.needs)));
    },
    because: /nobody was shown this version in time/,
  },
];

test.each(doubts)("it executes nothing when $what", async ({ spoil, because }) => {
  const window = await opened();
  await window.seconds(10);
  await spoil(window);
  await window.seconds(301, 3);
  expect(window.house.sent).toEqual([]);
  expect(window.state()).toBe("expired");
  expect(window.reason()).toMatch(because);
});

test.each([
  ["everybody", ["ana", "bo"], "expired"],
  ["only one of them", ["ana"], "executed"],
] as const)("while %s who saw it has quiet hours (%j) it ends %s", async (_who, resting, ends) => {
  const quietHours = { fromMinute: 0, toMinute: 1_439 };
  const settings = resting.map((personId) => ({
    personId,
    name: personId,
    role: "owner" as const,
    timeZone: "UTC",
    quietHours,
    telegramUserId: null,
    discordUserId: null,
  }));
  const { house, seconds, state, reason } = await opened("0", settings);
  await seconds(320, 4);
  expect(state()).toBe(ends);
  expect(house.sent).toHaveLength(ends === "executed" ? 1 : 0);
  if (ends === "expired") expect(reason()).toMatch(/quiet hours/);
});

test("a clock that somebody sets forward shortens nobody's time to say no", async () => {
  const { house, run, seconds, state } = await opened();
  await seconds(5);
  house.passTime(3_600_000);
  await seconds(290, 5);
  expect([state(), house.sent.length]).toEqual(["pending", 0]);
  await run(house.telegram.tap("Stop it"));
  await seconds(10);
  expect([state(), house.sent.length]).toEqual(["declined", 0]);
});

test("a page that nobody looks at has shown it to nobody; one that is open in time has", async () => {
  for (const [openAtSecond, expected] of [
    [null, "expired"],
    [270, "expired"],
    [100, "executed"],
  ] as const) {
    const { house, seconds, state, reason } = await opened();
    const watching: string[] = [];
    // Both chats of this house are pages now, as the desk is one.
    for (const chat of [house.telegram, house.discord]) Object.assign(chat, { watchers: () => watching });
    await seconds(openAtSecond ?? 150);
    if (openAtSecond !== null) watching.push("ana");
    await seconds(302 - (openAtSecond ?? 150));
    expect([state(), house.sent.length]).toEqual([expected, expected === "executed" ? 1 : 0]);
    if (expected === "expired") expect(reason()).toMatch(/nobody who may stop it was shown it/);
  }
});
