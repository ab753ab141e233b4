/** What every chat is told without having asked: what somebody else changed, what still waits, who wants to come in, how a return went. */
import { addMs, minute } from "../../src/core/time.ts";
import { climbLadders } from "../../src/flows/climb_ladder.ts";
import { finishRaises } from "../../src/flows/raise_role.ts";
import { expireApprovals } from "../../src/flows/settle_approval.ts";
import { tendAccess } from "../../src/flows/show_access.ts";
import { noteReturn, tellReturn } from "../../src/flows/tell_return.ts";
import { everyFact } from "../fixtures/every_fact.ts";
import { requested } from "../fixtures/facts.ts";
import { drawAll } from "./draw.ts";
import { type GoldenHouse, openGoldenHouse, shownAs } from "./house.ts";
import { doubt } from "./replies.ts";
import type { Scene } from "./scene.ts";

type Case = {
  readonly when: string;
  /** What is there before anything is told. */
  readonly before?: (house: GoldenHouse) => Promise<void>;
  readonly begins: (house: GoldenHouse) => Promise<void>;
};

const said = async (house: GoldenHouse, text: string): Promise<void> => {
  const [word = "", ...rest] = text.split(" ");
  await house.telegram.say(word, rest.join(" "));
  await house.settle();
};

/** By the name under which the card is queued. */
export const noticeCases: Readonly<Record<string, readonly Case[]>> = {
  access: [
    { when: "a stranger asks", begins: stranger },
    {
      when: "an owner lets her in",
      before: stranger,
      begins: async (house) => {
        await house.telegram.tap("As operator");
        await house.settle();
        await tendAccess(house.needs);
      },
    },
    {
      when: "nobody answered within a day",
      before: stranger,
      begins: async (house) => {
        await house.clock.advance(25 * 60 * minute);
        await tendAccess(house.needs);
      },
    },
  ],
  back: [
    {
      when: "after 22 minutes, with a request that was open",
      begins: async (house) => {
        await house.tell({ ...requested(), expiresAt: addMs(house.clock.wall(), minute) });
        await house.clock.advance(22 * minute);
        noteReturn(house.needs);
        await house.tell(everyFact.house_ready);
        await expireApprovals(house.needs);
        await tellReturn(house.needs);
        await house.clock.advance(11_000);
        await tellReturn(house.needs);
      },
    },
  ],
  breaker_reset: [
    {
      when: "the fourth reset within a day",
      before: async (house) => {
        for (let each = 0; each < 3; each += 1) {
          await house.tell(everyFact.breaker_opened);
          await house.tell({ ...everyFact.breaker_closed, scope: "global", cause: "two_writers" });
        }
        await house.tell(everyFact.breaker_opened);
      },
      begins: (house) => said(house, "reset two_writers@global the other process is gone"),
    },
  ],
  limit_loosened: [
    {
      when: "a number",
      before: (house) => said(house, "limits riskPerTrade 0.2%"),
      begins: (house) => said(house, "limits riskPerTrade 0.5% the week went well"),
    },
    {
      when: "an instrument is let in again",
      before: (house) => said(house, "deny SOL/USDT it is delisted"),
      begins: (house) => said(house, "allow SOL/USDT it is listed again"),
    },
  ],
  lost_requested: [
    {
      when: "an order is to be given up",
      before: (house) => house.tell(...doubt("cs1e7h2kq9xa")),
      begins: (house) => said(house, "resolve 7h2kq9xa lost the venue says that it never arrived"),
    },
  ],
  request_waits: [
    {
      when: "half of the time is over",
      before: (house) => house.tell(requested()),
      begins: async (house) => {
        for (let each = 0; each < 3; each += 1) {
          await house.clock.advance(minute);
          await climbLadders(house.needs);
        }
      },
    },
  ],
  role_raised: [
    {
      when: "by an owner, in practice",
      begins: async (house) => {
        await said(house, "people role Bo owner: he watches the night");
        await finishRaises(house.needs);
      },
    },
  ],
  silence: [
    {
      when: "its time is over",
      before: (house) => said(house, "silence feed_gap 1h they mend it"),
      begins: (house) => house.minutes(61),
    },
  ],
};

export async function stranger(house: GoldenHouse): Promise<void> {
  await house.telegram.say("access", "", {
    sender: { userId: "444", displayName: "Cleo <b>", isPerson: true },
    chat: { platform: "telegram", chatId: "444", threadId: null },
  });
  await house.settle();
}

export const noticeScenes: readonly Scene[] = Object.entries(noticeCases).map(([name, cases]) => ({
  file: `notices/${name}`,
  draw: () => drawCases(name, cases),
}));

async function drawCases(name: string, cases: readonly Case[]): Promise<string> {
  const shown = [];
  for (const { when, before, begins } of cases) {
    const house = await openGoldenHouse();
    await before?.(house);
    await house.second(2);
    const known = new Map(house.telegram.messages.map((message) => [message.messageId, message.card]));
    await begins(house);
    await house.second(2);
    const told = house.telegram.messages.filter(
      (message) => !message.isReply && known.get(message.messageId) !== message.card,
    );
    if (told.length === 0) throw new Error(`${name}, ${when}: nothing was told`);
    shown.push(...told.map((message) => shownAs(message, when)));
  }
  return drawAll(shown);
}
