/**
 * Every command that changes something answers in one shape: what is true now, who made it so and since when, what still runs,
 * what was not done, how to undo it, and the fact under which it stands in the audit trail. One house, one command after the other.
 */
import { generateSync } from "otplib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { openAlerts } from "../../src/core/books_alerts.ts";
import type { Card } from "../../src/core/card.ts";
import { openBreaker } from "../../src/flows/open_breaker.ts";
import { buy, told } from "./conversation.ts";
import type { ScriptedChat } from "./scripted_chat.ts";
import { openStage, type Stage } from "./stage.ts";

let stage: Stage;
let codeOf: () => string = () => "";
const vera = {
  personId: "vera",
  name: "Vera",
  role: "owner",
  timeZone: "UTC",
  telegramUserId: "333",
  discordUserId: null,
} as const;

beforeAll(async () => {
  stage = await openStage({ settings: (same) => ({ ...same, people: [...same.people, vera] }) });
  await buy(stage, "SOL/USDT");
  await stage.telegram.say("access", "", {
    sender: { userId: "444", displayName: "Cleo", isPerson: true },
    chat: { platform: "telegram", chatId: "444", threadId: null },
  });
  await stage.until(() => Object.keys(stage.books().people.access).length === 1, "the request for access");
}, 60_000);
afterAll(() => stage.close());

type Step = readonly [
  words: string,
  facts: string,
  prepare?: (chat: ScriptedChat) => Promise<unknown>,
  place?: "desk" | "telegram",
];

const breaker = (cause: string) => () =>
  openBreaker(stage.house().needs, { scope: "global", cause, class: "sticky", evidence: { seen: "1" } } as never);

const alertsNow = (): number => openAlerts(stage.books().chat.alerts, stage.books().at).length;

/** A cause that comes back again and again takes two people. */
async function resetThrice(chat: ScriptedChat): Promise<void> {
  for (const time of ["once", "twice", "thrice"]) {
    await breaker("key_refused")();
    await told(stage, chat, "reset", `key_refused mended it ${time}`);
  }
  await breaker("key_refused")();
}

/** What was never shown to a person is not taken on by a word for all of it. */
async function listed(chat: ScriptedChat): Promise<void> {
  await stage.until(() => alertsNow() > 0, "an alert");
  await told(stage, chat, "ack");
}

/** What is said, and a fact that it puts on record. In this order: each is possible after the one before. */
const steps: readonly Step[] = [
  ["pause dentist", "level_changed"],
  ["resume back at my desk", "level_changed"],
  ["deny ETH/USDT too wild", "control_changed"],
  ["allow ETH/USDT calm again", "control_changed"],
  ["limits riskPerTrade 0.5%", "control_changed"],
  ["limits riskPerTrade 1% fresh eyes", "control_changed"],
  ["silence feed_gap 30m they announced it", "alert_silenced"],
  ["reset two_writers the other one is off", "breaker_closed", breaker("two_writers")],
  ["resolve external_close accept I sold it there", "breaker_closed", breaker("external_close")],
  ["reset key_refused and again", "breaker_reset_asked", resetThrice],
  ["breakers withdraw key_refused", "breaker_reset_withdrawn"],
  ["ack all", "alert_acked", listed],
  ["drill alarm", "drill_started"],
  ["people grant 444 operator", "access_settled"],
  ["people role Cleo approver", "person_set"],
  ["people role Cleo viewer", "person_set"],
  ["people unlink Cleo telegram", "chat_unlinked"],
  ["people remove Cleo", "person_set"],
  ["close SOL/USDT", "exit_triggered"],
  ["flatten strange exchange", "level_changed"],
  ["emergency key may be stolen", "level_changed"],
  ["resolve flatten override sold it all by hand", "approval_requested"],
  [
    "code CODE",
    "authenticator_confirmed",
    async (chat) => {
      const card = await told(stage, chat, "code");
      const secret = card.fields.find((field) => field.name === "Can't scan")?.value ?? "";
      codeOf = () => generateSync({ secret });
    },
    "desk",
  ],
  ["unlink discord 222", "chat_unlinked"],
];

function complaints(card: Card): readonly string[] {
  const names = new Set(card.fields.map((field) => field.name));
  const missing = ["Now", "Still running", "Not done", "Undo"].filter((name) => !names.has(name));
  const empty = card.fields.filter((field) => field.value.trim() === "").map((field) => `${field.name} is empty`);
  const isSigned = /By \S.* · since \d\d:\d\d:\d\d UTC · fact [1-9]\d*/.test(card.footer ?? "");
  return [...missing.map((name) => `no ${name}`), ...empty, ...(isSigned ? [] : [`signed: ${card.footer}`])];
}

for (const [words, kind, prepare, place = "telegram"] of steps)
  test(`/${words} tells all of it, and its fact is on record`, async () => {
    const chat = stage[place];
    await prepare?.(chat);
    const [name = "", ...rest] = words.replace("CODE", codeOf()).split(" ");
    const card = await told(stage, chat, name, rest.join(" "));
    expect(complaints(card), JSON.stringify(card)).toEqual([]);
    const seq = Number(/fact (\d+)/.exec(card.footer ?? "")?.[1]);
    const rows = await stage.database.pool.query<{ kind: string }>("select kind from events where seq = $1", [seq]);
    expect(rows.rows[0]?.kind).toBe(kind);
  });

test("every command that may change something stands in this table, or only reads", () => {
  const said = new Set(steps.map(([words]) => words.split(" ")[0]));
  /** Their change is about one message of their own; what they answer is a secret or a question. */
  const apart = new Set(["access", "link", "dashboard"]);
  const silent = commands.filter(({ name, view, access }) => {
    const onlyReads = view !== undefined && view.isView === undefined && access.urgency === "reads";
    return !onlyReads && !said.has(name) && !apart.has(name);
  });
  expect(silent.map(({ name }) => name)).toEqual([]);
});
