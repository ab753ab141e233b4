/** Reading an update: a table of what people really send, and a promise about all that nobody should. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hear, updateIdOf } from "../../src/adapters/telegram/incoming.ts";
import { storableText } from "../../src/core/clean_text.ts";

const facts = { botUsername: "Countersign_Bot", arrivedLate: false };
const ana = { id: 5, is_bot: false, first_name: "Ana" };
const group = { id: -100, type: "supergroup", title: "Ops" };

function heardText(text: string) {
  const message = { message_id: 7, date: 1_770_000_000, chat: group, from: ana, text };
  const heard = hear({ update_id: 1, message }, facts);
  return heard.kind === "incoming" ? heard.incoming : heard.kind;
}

describe("what counts as a command", () => {
  it.each<[string, string | null, string]>([
    ["/pause", "pause", ""],
    ["/PAUSE", "pause", ""],
    ["/pause@countersign_bot", "pause", ""],
    ["/pause@COUNTERSIGN_BOT all  of it ", "pause", "all  of it"],
    ["/close BTC/USDT\nnow", "close", "BTC/USDT\nnow"],
    ["  /emergency", "emergency", ""],
    ["/emergency!!!", "emergency", "!!!"],
    ["/pause-all", "pause", "-all"],
    ["/set_risk 1e9", "set_risk", "1e9"],
    ["/__proto__", "__proto__", ""],
    ["pause", null, "pause"],
    ["//pause", null, "//pause"],
    ["/", null, "/"],
    ["/ pause", null, "/ pause"],
    ["/пауза", null, "/пауза"],
    ["／pause", null, "／pause"],
    [`/${"a".repeat(33)}`, null, `/${"a".repeat(33)}`],
  ])("%j", (text, name, rest) => {
    expect(heardText(text)).toMatchObject(
      name === null ? { kind: "text", text: rest } : { kind: "command", name, text: rest, options: null },
    );
  });

  it("a command to another bot is not ours", () => {
    expect(heardText("/pause@other_bot")).toBe("ignored");
    expect(heardText("/pause@countersign_bot2")).toBe("ignored");
  });
});

describe("text is made fit to be stored", () => {
  it.each<[string, string, string]>([
    ["NUL is what Postgres can't hold", "a\u0000b", "ab"],
    ["neither can it hold half a character", "a\ud800b\udc00", "a\ufffdb\ufffd"],
    ["everything else stays as it was typed", "  ١٢ \u202e<b>&amp;\n👩‍👩‍👧", "  ١٢ \u202e<b>&amp;\n👩‍👩‍👧"],
  ])("%s", (_name, text, stored) => {
    expect(heardText(`x${text}`)).toMatchObject({ text: `x${stored}` });
  });

  it("at most 4,000 characters, and no half one at the end", () => {
    expect(heardText("a".repeat(4_096))).toMatchObject({ text: "a".repeat(4_000) });
    expect(heardText(`a${"👍".repeat(2_047)}`)).toMatchObject({ text: `a${"👍".repeat(1_999)}` });
    expect(heardText(`/why ${"b".repeat(4_090)}`)).toMatchObject({ name: "why", text: "b".repeat(4_000) });
  });

  it("a name is one short line", () => {
    const from = { ...ana, first_name: `A\n\u202e${"n".repeat(300)}`, last_name: "<b>" };
    const heard = hear({ update_id: 1, message: { message_id: 7, date: 1, chat: group, from, text: "x" } }, facts);
    const name = heard.kind === "incoming" ? heard.incoming.sender.displayName : "";
    expect(name).toMatch(/^A nn+…$/);
    expect(name.length).toBeLessThanOrEqual(64);
  });
});

describe("taps", () => {
  const query = { id: "42", from: ana, message: { message_id: 7, date: 0, chat: group }, data: "a1.AbCdEfGhIjKl_-09" };
  const tap = (fields: object) => hear({ update_id: 9, callback_query: { ...query, ...fields } }, facts);

  it("an old message that Telegram no longer shows can still be tapped", () => {
    expect(tap({})).toMatchObject({ incoming: { kind: "tap", token: "AbCdEfGhIjKl_-09", chat: { chatId: "-100" } } });
  });

  it.each<[string, object]>([
    ["no data", { data: undefined }],
    ["a game", { data: undefined, game_short_name: "chess" }],
    ["data of another shape", { data: { toString: "a1.AbCdEfGhIjKl_-09" } }],
    ["a line break behind the token", { data: "a1.AbCdEfGhIjKl_-09\n" }],
    ["another version", { data: "a2.AbCdEfGhIjKl_-09" }],
    ["no message", { message: undefined }],
    ["a message without a chat", { message: { message_id: 7, date: 0 } }],
    ["nobody", { from: undefined }],
    ["a person with a fraction for an id", { from: { ...ana, id: 1.5 } }],
    ["a person beyond safe integers", { from: { ...ana, id: 2 ** 60 } }],
  ])("malformed and still answered: %s", (_name, fields) => {
    expect(tap(fields)).toMatchObject({ kind: "malformed_tap", queryId: "42" });
  });

  it("a tap whose id can't be an id can't be answered either", () => {
    for (const id of [undefined, "", "x".repeat(65), "a b", 7]) expect(tap({ id })).toMatchObject({ kind: "ignored" });
  });
});

it.each<[string, object, boolean]>([
  ["a person", {}, true],
  ["a person in the name of a channel", { sender_chat: { id: -200, type: "channel" } }, false],
  ["a bot", { from: { ...ana, is_bot: true } }, false],
  ["the voice of anonymous admins, even if it denied being a bot", { from: { ...ana, id: 1_087_968_824 } }, false],
  ["the voice of channels", { from: { ...ana, id: 136_817_688 } }, false],
  ["Telegram's own account", { from: { ...ana, id: 777_000 } }, false],
  ["nobody at all", { from: undefined }, false],
])("who may decide: %s", (_name, fields, isPerson) => {
  const message = { message_id: 7, date: 1, chat: group, from: ana, text: "/pause", ...fields };
  expect(hear({ update_id: 1, message }, facts)).toMatchObject({ incoming: { sender: { isPerson } } });
});

it("only a topic is a thread: a reply in an ordinary group carries a number too, but nothing can be sent into it", () => {
  const message = { message_id: 7, date: 1, chat: group, from: ana, text: "x", message_thread_id: 5 };
  expect(hear({ update_id: 1, message }, facts)).toMatchObject({ incoming: { chat: { threadId: null } } });
  const inTopic = { ...message, is_topic_message: true };
  expect(hear({ update_id: 1, message: inTopic }, facts)).toMatchObject({ incoming: { chat: { threadId: "5" } } });
});

it("no update, however wrong, makes it throw, and what it lets through fits the port and the database", () => {
  let passed = 0;
  fc.assert(
    fc.property(updates(), (raw) => {
      updateIdOf(raw);
      const heard = hear(raw, facts);
      if (heard.kind !== "incoming") return;
      passed += 1;
      const { incoming } = heard;
      const json = JSON.stringify(incoming);
      expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      expect(incoming.chat.chatId).toMatch(/^(-?\d+|inline)$/);
      expect(incoming.sender.userId).toMatch(/^-?\d+$/);
      expect(incoming.sender.displayName).not.toBe("");
      expect(incoming.eventIds.every((id) => /^(u:\d+|q:.+)$/.test(id))).toBe(true);
      if (incoming.kind === "tap") expect(incoming.token).toMatch(/^[\w-]{16}$/);
      else if (incoming.kind !== "form") expect(incoming.text).toBe(storableText(incoming.text, 4_000));
      expect(JSON.parse(json)).toEqual(incoming);
    }),
    { numRuns: 3_000 },
  );
  // The search must also have met good updates, or it would prove nothing.
  expect(passed).toBeGreaterThan(100);
});

/** Updates that are nearly right, hardly right and not at all. */
function updates(): fc.Arbitrary<unknown> {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("/pause", "/pause@x", "\u0000", "\ud800"));
  const leaf = fc.oneof(
    fc.integer(),
    fc.double(),
    text,
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.constant([]),
  );
  const mostly = <T>(good: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 14, arbitrary: good }, { weight: 1, arbitrary: leaf });
  const person = mostly(
    fc.record({ id: mostly(fc.maxSafeInteger()), is_bot: mostly(fc.boolean()), first_name: mostly(text) }),
  );
  const chat = mostly(
    fc.record({ id: mostly(fc.maxSafeInteger()), type: mostly(fc.constantFrom("private", "group", "channel")) }),
  );
  const message = mostly(
    fc.record({
      message_id: mostly(fc.nat()),
      date: mostly(fc.nat()),
      chat,
      from: person,
      text: mostly(text),
      sender_chat: fc.option(chat, { nil: undefined }),
    }),
  );
  const query = mostly(
    fc.record({
      id: mostly(fc.constantFrom("1", "2")),
      from: person,
      message,
      data: mostly(fc.constantFrom("a1.AAAAAAAAAAAAAAAA", "a1.")),
    }),
  );
  return fc.oneof(
    leaf,
    fc.anything(),
    fc.record({ update_id: mostly(fc.nat()), message }),
    fc.record({ update_id: mostly(fc.nat()), callback_query: query }),
  );
}
