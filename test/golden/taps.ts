/** What only the one who tapped is told: short words over the screen, for each way in which a tap can end. */

import { requested, settledAs } from "../fixtures/facts.ts";
import type { TapChange } from "../scenarios/scripted_chat.ts";
import { deskText } from "./draw.ts";
import { type GoldenHouse, openGoldenHouse, shownAs } from "./house.ts";
import { stranger } from "./notices.ts";
import type { Scene } from "./scene.ts";

type Tapped = {
  readonly what: string;
  readonly label: string;
  readonly change?: TapChange & { readonly token?: string };
  /** Before the tap, after the prompt was shown. */
  readonly meanwhile?: (house: GoldenHouse) => Promise<void>;
  readonly first?: (house: GoldenHouse) => Promise<void>;
};

const by = (userId: string, isPerson = true): TapChange => ({
  sender: { userId, displayName: "Somebody", isPerson },
});
const asked = (house: GoldenHouse) => house.tell(requested());
const declined = (house: GoldenHouse) => house.tell(settledAs("declined", { by: ["Bo (discord)"] }));

const taps: readonly Tapped[] = [
  { what: "a stranger", label: "Approve", change: by("999") },
  { what: "a viewer", label: "Approve", change: by("333") },
  { what: "a bot or an anonymous administrator", label: "Approve", change: by("111", false) },
  { what: "through another bot", label: "Approve", change: { isInline: true } },
  {
    what: "in another chat",
    label: "Approve",
    change: { chat: { platform: "telegram", chatId: "777", threadId: null } },
  },
  { what: "a button that nobody made", label: "Approve", change: { token: "AAAAAAAAAAAAAAAA" } },
  { what: "a yes that was long on its way", label: "Approve", change: { arrivedLate: true } },
  { what: "a no that was long on its way", label: "Decline", change: { arrivedLate: true } },
  { what: "decided by somebody else meanwhile", label: "Approve", meanwhile: declined },
  { what: "over meanwhile", label: "Approve", meanwhile: (house) => house.tell(settledAs("expired", { by: [] })) },
  { what: "yes, and the price has run away", label: "Approve" },
  { what: "no", label: "Decline" },
  { what: "smaller", label: "Smaller…" },
  { what: "later", label: "Later…" },
  {
    what: "an alert is taken on",
    label: "Acknowledge",
    first: (house) => house.tell({ type: "source_gone", source: "venue:kucoin", because: "no answer for 15 s" }),
  },
  {
    what: "an alert that is over meanwhile",
    label: "Acknowledge",
    first: (house) => house.tell({ type: "source_gone", source: "venue:kucoin", because: "no answer for 15 s" }),
    meanwhile: async (house) => {
      await house.tell({ type: "source_back", source: "venue:kucoin", goneMs: 9_000 });
      await house.minutes(1);
    },
  },
  { what: "a request to be let in", label: "No", first: stranger },
  { what: "a request to be let in", label: "As viewer", first: stranger },
];

export const tapScenes: readonly Scene[] = [{ file: "prompts/told_to_the_tapper", draw: drawTaps }];

async function drawTaps(): Promise<string> {
  const parts: string[] = [];
  for (const one of taps) parts.push(`=== ${one.what}: [${one.label}]\n${await outcomeOf(one)}`);
  return `${parts.join("\n\n")}\n`;
}

async function outcomeOf({ label, change = {}, first = asked, meanwhile }: Tapped): Promise<string> {
  const house = await openGoldenHouse();
  const { telegram } = house;
  await first(house);
  await house.second(2);
  const message = telegram.messages.findLast((one) => one.buttons.some((button) => button.label === label));
  const token = message?.buttons.find((button) => button.label === label)?.token;
  if (message === undefined || token === undefined) throw new Error(`no button ${label}`);
  await meanwhile?.(house);
  await house.settle();
  const from = telegram.messages.length;
  await telegram.tap(label, { message, token, ...change });
  await house.settle();
  const toasts = telegram.toasts.map((text) => `(over the screen) ${text}`);
  const answers = telegram.messages.slice(from).filter((one) => one.isReply);
  return (
    [...toasts, ...answers.map((one) => deskText(shownAs(one, "")))].join("\n") || "(nothing but the prompt itself)"
  );
}
