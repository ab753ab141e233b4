/** What every alert says when it is told, taken on and over. */
import { allAlerts } from "../../src/core/books_alerts.ts";
import type { Fact } from "../../src/core/events.ts";
import { notional } from "../../src/core/money.ts";
import { hour, minute } from "../../src/core/time.ts";
import { acknowledgeAlerts } from "../../src/flows/acknowledge_alerts.ts";
import { closed } from "../fixtures/facts.ts";
import { type AlertCase, alertCases, back, denied, gone, held } from "./alert_cases.ts";
import { drawAll, type Shown } from "./draw.ts";
import { type GoldenHouse, openGoldenHouse, shownAs, shownSince } from "./house.ts";
import type { Scene } from "./scene.ts";

export const alertScenes: readonly Scene[] = [
  ...Object.entries(alertCases).map(([name, cases]) => ({
    file: `alerts/${name}`,
    draw: () => drawCases(name, cases),
  })),
  { file: "alerts/many_at_once", draw: drawMany },
  { file: "alerts/taken_on", draw: drawTakenOn },
  { file: "alerts/late", draw: drawLate },
];

async function drawCases(name: string, cases: readonly AlertCase[]): Promise<string> {
  const shown: Shown[] = [];
  for (const one of cases) shown.push(...(await showCase(name, one)));
  return drawAll(shown);
}

async function showCase(name: string, { when, before = [], begins, by = "house", ends }: AlertCase): Promise<Shown[]> {
  const house = await openGoldenHouse();
  await house.tell(...before);
  await house.second(8);
  const from = house.telegram.messages.length;
  await house.tellBy(by, ...begins);
  await house.second(8);
  const told = messagesOf(house, name).find((message) => house.telegram.messages.indexOf(message) >= from);
  if (told === undefined) throw new Error(`${name}, ${when}: nothing was told`);
  const shown = [shownAs(told, `${when}: told`)];
  if (ends === undefined) return shown;
  await house.minutes(2);
  const until = house.telegram.messages.length;
  await house.tell(...ends);
  await house.second(70);
  return [
    ...shown,
    shownAs(told, `${when}: over, the same message`),
    ...shownSince(house.telegram, until, `${when}: over, a new message`),
  ];
}

/** Messages that show an alert of this name. */
function messagesOf(house: GoldenHouse, name: string) {
  const { alerts } = house.books().chat;
  const ids = allAlerts(alerts)
    .filter((alert) => alert.name === name)
    .flatMap((alert) => alert.noticeIds)
    .map((cardId) => alerts.notices[cardId]?.messageId);
  return house.telegram.messages.filter((message) => ids.includes(message.messageId));
}

const feed = (number: number): Fact => gone(`data:kucoin:COIN${number}/USDT`, "the newest candle is 190 s old");

async function drawMany(): Promise<string> {
  const house = await openGoldenHouse();
  const from = house.telegram.messages.length;
  await house.tell(denied("data_stale", { age: "190 s" }), {
    ...denied("data_stale", { age: "190 s" }),
    instrumentId: "kucoin:BTC/USDT",
  } as Fact);
  await house.second(8);
  const group = shownSince(house.telegram, from, "two of a kind come together");
  for (let number = 0; number < 40; number += 1) await house.tell(feed(number));
  await house.second(60);
  const digest = house.telegram.messages.filter(({ card }) => / alerts?, /.test(card.title));
  for (let number = 0; number < 40; number += 1) await house.tell(back(`data:kucoin:COIN${number}/USDT`));
  const standing = digest.map((message) => shownAs(message, "a storm, in one message"));
  await house.second(60);
  return drawAll([...group, ...standing, ...digest.map((message) => shownAs(message, "the storm is over"))]);
}

async function drawTakenOn(): Promise<string> {
  const house = await openGoldenHouse();
  await house.tell(gone("venue:kucoin", "no answer for 15 s"));
  await house.second(2);
  const [message] = messagesOf(house, "source_gone");
  if (message === undefined) throw new Error("nothing was told");
  const fingerprints = allAlerts(house.books().chat.alerts).map((alert) => alert.fingerprint);
  await acknowledgeAlerts(house.needs, { fingerprints, personId: "ana", saidAt: house.clock.wall() });
  await house.second(5);
  const shown = [shownAs(message, "taken on by Ana")];
  const until = house.telegram.messages.length;
  await house.minutes(31);
  shown.push(...shownSince(house.telegram, until, "half an hour later it asks again"));
  await house.tell(back("venue:kucoin"));
  await house.second(70);
  return drawAll([...shown, ...shownSince(house.telegram, house.telegram.messages.length - 1, "over")]);
}

async function drawLate(): Promise<string> {
  const house = await openGoldenHouse();
  house.telegram.isDeaf = true;
  await house.tell(...held, closed("trade-1", { pnl: notional("-9.33"), fees: notional("0.78") }));
  await house.minutes(Math.round((3 * hour) / minute));
  house.telegram.isDeaf = false;
  const from = house.telegram.messages.length;
  await house.second(5);
  const here = house.telegram.messages.slice(from).filter(({ chat }) => chat.chatId === "111");
  return drawAll(here.map((message) => shownAs(message, "the chat was away for three hours")));
}
