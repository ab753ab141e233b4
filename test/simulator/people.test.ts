/** The simulated chats fail as real ones do, and the simulated people only do what people at a screen can do. */
import { describe, expect, it } from "vitest";
import { plainCard } from "../../src/core/card.ts";
import { instant } from "../../src/core/time.ts";
import type { ChatRef, Incoming, Messenger, Platform } from "../../src/ports/messenger.ts";
import { seededChance } from "./chance.ts";
import type { FaultFamily } from "./contract.ts";
import { command } from "./people/acts.ts";
import { openSimPeople } from "./people/sim_people.ts";
import { openScheduler } from "./scheduler.ts";

const canary = "canary-secret-1";

function openCrowd(seed = "a", rates: Partial<Record<FaultFamily, number>> = {}) {
  const chance = seededChance(seed);
  const scheduler = openScheduler(chance.fork("scheduler"), 1_790_000_000_000);
  const people = openSimPeople({
    scheduler,
    chance,
    weather: { rate: (family) => rates[family] ?? 0 },
    canaries: [canary],
    approvalOf: (token) => (token.startsWith("forged") ? null : `approval of ${token}`),
  });
  const pass = async (ms: number, isActing = false): Promise<void> => {
    let isOver = false;
    const act = (): void => {
      if (isOver) return;
      people.act();
      scheduler.after(1_000, "test: people act", act);
    };
    if (isActing) act();
    scheduler.after(ms, "test: time is over", () => (isOver = true));
    while (!isOver) {
      scheduler.take()?.act?.();
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  const clock = { now: () => scheduler.now(), wall: () => scheduler.now() };
  /** A process that listens everywhere and keeps what it hears. */
  const listen = (processId: string, receive: (incoming: Incoming) => Promise<void> = () => Promise.resolve()) => {
    const heard: Incoming[] = [];
    const byPlatform = new Map<Platform, Messenger>();
    for (const messenger of people.messengers(processId, clock)) {
      byPlatform.set(messenger.platform, messenger);
      void messenger.start((incoming) => {
        heard.push(incoming);
        return receive(incoming);
      });
    }
    const on = (platform: Platform): Messenger => {
      const found = byPlatform.get(platform);
      if (found === undefined) throw new Error(`no ${platform}`);
      return found;
    };
    return { heard, on };
  };
  const hear = async <Value>(promise: Promise<Value>): Promise<Value> => {
    await pass(1_000);
    return promise;
  };
  return { scheduler, people, pass, listen, hear, clock };
}

type Crowd = ReturnType<typeof openCrowd>;
const owners: ChatRef = { platform: "telegram", chatId: "111", threadId: null };
const buttons = (mark: string) =>
  [
    { label: "Approve", style: "yes", token: `${mark}yes` },
    { label: "Decline", style: "no", token: `${mark}no` },
  ] as const;
const post = (crowd: Crowd, on: Messenger, chat: ChatRef, mark: string, nonce = mark) =>
  crowd.hear(on.post(chat, plainCard("waiting", `Buy ${mark}`), { buttons: buttons(mark), nonce, isQuiet: false }));
const taps = (heard: readonly Incoming[]) => heard.flatMap((one) => (one.kind === "tap" ? [one] : []));

describe("simulated chats", () => {
  it("show what is posted, tell it once, and hear who taps", async () => {
    const crowd = openCrowd();
    const house = crowd.listen("p1");
    expect((await post(crowd, house.on("telegram"), owners, "one")).ok).toBe(true);
    expect(crowd.people.said.filter((text) => text.startsWith("Buy one"))).toHaveLength(1);
    await crowd.pass(120_000, true);
    const [first] = taps(house.heard);
    expect(first).toMatchObject({ chat: owners, sender: { userId: "111", isPerson: true }, arrivedLate: false });
    const act = crowd.people.acts.find((one) => one.act === "tap");
    expect(act).toMatchObject({ personId: "owner", isAllowed: true, approvalId: `approval of ${first?.token}` });
  });

  it("tell the same event again under the same ids [H01]", async () => {
    const crowd = openCrowd("a", { chat_doubled: 1 });
    const house = crowd.listen("p1");
    const owner = crowd.people.inside.cast[0];
    const account = owner?.accounts[0];
    if (owner === undefined || account === undefined) throw new Error("no owner");
    command(crowd.people.inside, { person: owner, account }, "status");
    await crowd.pass(60_000);
    expect(house.heard.length).toBeGreaterThan(1);
    expect(new Set(house.heard.map((one) => one.eventIds[0])).size).toBe(1);
    expect(crowd.people.acts).toHaveLength(1);
  });

  it("are away, say so, refuse to post, and come back with what waited, marked as late [H06]", async () => {
    const crowd = openCrowd("a", { chat_away: 0.0001 });
    const house = crowd.listen("p1");
    await crowd.pass(2_000);
    const telegram = house.on("telegram");
    expect(telegram.health().isHearing).toBe(true);
    const { inside } = crowd.people;
    const one = inside.platforms.get("telegram");
    if (one === undefined) throw new Error("no telegram");
    one.awayUntil = crowd.scheduler.now() + 60_000;
    expect(telegram.health()).toMatchObject({ isHearing: false });
    const sent = await post(crowd, telegram, owners, "one");
    expect(sent.ok ? "" : sent.problem.kind).toMatch(/later|unknown_outcome/);
    const [owner] = inside.cast;
    const account = owner?.accounts[0];
    if (owner === undefined || account === undefined) throw new Error("no owner");
    command(inside, { person: owner, account }, "pause");
    await crowd.pass(5_000);
    expect(house.heard).toHaveLength(0);
    crowd.people.heal();
    await crowd.pass(2_000);
    expect(house.heard).toMatchObject([{ kind: "command", name: "pause", arrivedLate: true }]);
  });

  it("lose answers, are busy, refuse edits, and lose messages with their buttons [H08] [H09] [H11]", async () => {
    const crowd = openCrowd("a", { chat_away: 1 });
    const house = crowd.listen("p1");
    const discord = house.on("discord");
    const seen = new Set<string>();
    const chat: ChatRef = { platform: "discord", chatId: "user:211", threadId: null };
    for (let at = 0; at < 300; at += 1) {
      const before = crowd.people.said.length;
      const sent = await post(crowd, discord, chat, `m${at}`);
      seen.add(
        `post ${sent.ok ? "ok" : sent.problem.kind} ${crowd.people.said.length > before ? "shown" : "not shown"}`,
      );
      if (!sent.ok) continue;
      const edited = await crowd.hear(discord.edit(chat, sent.value.messageId, plainCard("ok", "done"), []));
      seen.add(`edit ${edited.ok ? "ok" : edited.problem.kind}`);
    }
    for (const kind of [
      "post later not shown",
      "post unknown_outcome shown",
      "post unknown_outcome not shown",
      "post chat_refused not shown",
    ])
      expect([...seen]).toContain(kind);
    for (const kind of ["edit edit_refused", "edit message_gone", "edit later", "edit unknown_outcome"])
      expect([...seen]).toContain(kind);
  });

  it("Discord takes a repeated nonce for the same message", async () => {
    const crowd = openCrowd();
    const house = crowd.listen("p1");
    const chat: ChatRef = { platform: "discord", chatId: "user:211", threadId: null };
    const first = await post(crowd, house.on("discord"), chat, "one", "n1");
    const second = await post(crowd, house.on("discord"), chat, "two", "n1");
    expect(second).toEqual(first);
  });

  it("tell the next process what the last one heard and did not confirm", async () => {
    const crowd = openCrowd();
    crowd.listen("p1", () => new Promise(() => undefined));
    const [owner] = crowd.people.inside.cast;
    const account = owner?.accounts[0];
    if (owner === undefined || account === undefined) throw new Error("no owner");
    await crowd.pass(2_000);
    command(crowd.people.inside, { person: owner, account }, "flatten");
    await crowd.pass(2_000);
    crowd.people.forget("p1");
    const next = crowd.listen("p2");
    await crowd.pass(5_000);
    expect(next.heard).toMatchObject([{ kind: "command", name: "flatten", arrivedLate: true }]);
    const third = crowd.listen("p3");
    await crowd.pass(5_000);
    expect(third.heard).toHaveLength(0);
  });

  it("say that a tap is too old to be answered", async () => {
    const crowd = openCrowd();
    const house = crowd.listen("p1");
    const [owner] = crowd.people.inside.cast;
    const account = owner?.accounts[1];
    if (owner === undefined || account === undefined) throw new Error("no owner");
    await crowd.pass(2_000);
    command(crowd.people.inside, { person: owner, account }, "status");
    await crowd.pass(1_000);
    const [heard] = house.heard;
    if (heard === undefined) throw new Error("nothing was heard");
    expect(await crowd.hear(house.on("discord").acknowledge(heard.answerRef, null))).toBe("ok");
    await crowd.pass(4_000);
    expect(await crowd.hear(house.on("discord").acknowledge(heard.answerRef, null))).toBe("stale");
  });
});

describe("simulated people", () => {
  const manyActs = async (seed: string, rates: Partial<Record<FaultFamily, number>> = { people_kill_switch: 0.5 }) => {
    const crowd = openCrowd(seed, rates);
    const house = crowd.listen("p1");
    for (let at = 0; at < 60; at += 1) {
      await post(crowd, house.on("telegram"), owners, `t${at}`);
      await post(crowd, house.on("discord"), { platform: "discord", chatId: "user:211", threadId: null }, `d${at}`);
      await crowd.pass(8_000, true);
    }
    return { crowd, house };
  };

  it("do everything that people do, over a few seeds: promptly, twice, both ways, as strangers, with forged buttons [H02] [M01] [M05]", async () => {
    const seen = new Set<string>();
    for (const seed of ["a", "b", "c", "d", "e", "f"]) {
      const { crowd, house } = await manyActs(seed);
      const all = crowd.people.acts;
      const tapped = all.filter((one) => one.act === "tap");
      if (
        tapped.some((one, at) =>
          tapped.slice(0, at).some((before) => before.what === one.what && before.personId === one.personId),
        )
      )
        seen.add("twice");
      if (tapped.some((one) => one.verb === "decline")) seen.add("no");
      if (tapped.some((one) => one.verb === "approve" && one.isAllowed)) seen.add("yes");
      if (tapped.some((one) => one.personId === "stranger" && !one.isAllowed)) seen.add("stranger taps");
      if (tapped.some((one) => one.personId === "robot" && !one.isAllowed)) seen.add("robot taps");
      if (tapped.some((one) => one.personId === "owner" && !one.isAllowed)) seen.add("forged");
      for (const one of all) if (one.act === "command") seen.add(one.what.split(" ")[0] ?? "");
      if (all.some((one) => one.what.includes(canary))) seen.add("a secret");
      const shown = new Set(
        crowd.people.inside.platforms.get("telegram")?.messages.flatMap((one) => one.buttons.map((each) => each.token)),
      );
      const honest = taps(house.heard).filter(
        (one) => one.chat.platform === "telegram" && one.sender.userId === "111" && shown.has(one.token),
      );
      expect(honest.length).toBeGreaterThan(10);
    }
    for (const what of [
      "twice",
      "no",
      "yes",
      "stranger taps",
      "robot taps",
      "forged",
      "a secret",
      "/pause",
      "/flatten",
      "/emergency",
      "/resume",
      "/limits",
      "/close",
      "/status",
      "/link",
    ])
      expect([...seen]).toContain(what);
  });

  it("strangers and robots are never allowed, and nobody of the house is called a stranger", async () => {
    const { crowd } = await manyActs("g");
    for (const act of crowd.people.acts)
      if (act.personId === "stranger" || act.personId === "robot") expect(act.isAllowed).toBe(false);
    expect(crowd.people.people.map((one) => one.role)).toEqual(["owner", "approver", "approver", "operator"]);
    expect(crowd.people.people.every((one) => one.telegramUserId !== null || one.discordUserId !== null)).toBe(true);
  });

  it("do exactly the same again with the same seed, and something else with another", async () => {
    const told = async (seed: string) => JSON.stringify((await manyActs(seed)).crowd.people.acts);
    expect(await told("h")).toBe(await told("h"));
    expect(await told("h")).not.toBe(await told("i"));
  });

  it("in calm times answer every open prompt with yes, resume, and halt nothing", async () => {
    const crowd = openCrowd("j", { people_kill_switch: 0.5, chat_away: 0.5 });
    const house = crowd.listen("p1");
    await crowd.pass(60_000, true);
    crowd.people.heal();
    const before = crowd.people.acts.length;
    for (const mark of ["k1", "k2", "k3"]) await post(crowd, house.on("telegram"), owners, mark);
    await crowd.pass(60_000, true);
    const after = crowd.people.acts.slice(before);
    for (const mark of ["k1", "k2", "k3"])
      expect(after.some((one) => one.approvalId === `approval of ${mark}yes` && one.verb === "approve")).toBe(true);
    expect(after.some((one) => one.what.startsWith("/resume"))).toBe(true);
    expect(after.filter((one) => /^\/(pause|flatten|emergency)/.test(one.what))).toEqual([]);
    expect(after.filter((one) => one.verb === "decline")).toEqual([]);
  });

  it("link the desk with a code that the house gave in private", async () => {
    const crowd = openCrowd("k");
    const house = crowd.listen("p1");
    await crowd.pass(60_000, true);
    const asked = house.heard.find((one) => one.kind === "command" && one.name === "link");
    if (asked === undefined) throw new Error("nobody asked for a code");
    const card = plainCard("info", "One-time link code", [
      "Send this in the chat that you want to link: /link abcDEF123",
    ]);
    await crowd.hear(house.on("telegram").reply(asked.chat, asked.answerRef, card));
    await crowd.pass(5_000, true);
    expect(
      house.heard.at(-1)?.chat.platform === "desk" || house.heard.some((one) => one.chat.platform === "desk"),
    ).toBe(true);
    const used = house.heard.find(
      (one) => one.chat.platform === "desk" && one.kind === "command" && one.name === "link",
    );
    expect(used).toMatchObject({ text: "abcDEF123", sender: { userId: "owner" } });
  });

  it("carry the time of a tap where the platform tells it", async () => {
    const { house } = await manyActs("l");
    for (const one of taps(house.heard)) expect(one.tappedAt === null).toBe(one.chat.platform === "telegram");
    expect(taps(house.heard).some((one) => one.tappedAt !== null && one.tappedAt >= instant(1_790_000_000_000))).toBe(
      true,
    );
  });
});
