/** Strangers, bots, stolen buttons, forged tokens, replays, floods, and people who paste a secret where everybody reads it. */
import { type Crowd, command, isOfHouse, platformOf, replay, say, tap } from "./acts.ts";
import type { Account, SimPerson } from "./cast.ts";
import type { SeenMessage } from "./platform.ts";
import { forgedToken, hostileText } from "./texts.ts";

const deeds = [
  "forged",
  "stolen",
  "old_button",
  "replay",
  "inline",
  "bot",
  "stranger",
  "weird",
  "weird",
  "flood",
  "secret",
] as const;

export function mischief(crowd: Crowd): void {
  const { chance } = crowd;
  const deed = chance.pick(deeds);
  const insiders = crowd.cast.filter(isOfHouse);
  const stranger = crowd.cast.find((person) => person.personId === "stranger");
  const robot = crowd.cast.find((person) => !person.isPerson);
  if (stranger === undefined || robot === undefined) return;
  const insider = chance.pick(insiders);
  const account = chance.pick(insider.accounts);
  switch (deed) {
    case "forged":
      forge(crowd, chance.pick([insider, stranger]));
      return;
    case "stolen":
      steal(crowd, stranger, account);
      return;
    case "bot":
      steal(crowd, robot, account);
      return;
    case "old_button":
      tapOld(crowd, insider, account);
      return;
    case "replay":
      replay(crowd, platformOf(crowd, account));
      return;
    case "inline":
      tapOld(crowd, insider, account, true);
      return;
    case "stranger":
      command(crowd, from(crowd, stranger), chance.pick(["flatten", "resume", "close", "emergency", "limits"]), "now");
      return;
    case "weird":
      weird(crowd, chance.pick([insider, stranger]));
      return;
    case "flood":
      for (let time = 0; time < 30; time += 1) command(crowd, from(crowd, stranger), "flatten", String(time));
      return;
    case "secret":
      say(crowd, { person: insider, account }, `is this the key? ${chance.pick(crowd.canaries)}`);
      return;
    default:
      deed satisfies never;
      return;
  }
}

const from = (crowd: Crowd, person: SimPerson) => ({ person, account: crowd.chance.pick(person.accounts) });

function forge(crowd: Crowd, person: SimPerson): void {
  const { account } = from(crowd, person);
  const message = platformOf(crowd, account).messages.at(-1);
  const button = { label: "Approve", style: "yes", token: forgedToken(crowd.chance) } as const;
  tap(crowd, { person, account, message: message ?? { messageId: "m0", chat: account.chat }, button, isHonest: false });
}

/** Somebody else taps a real, open button: in the chat where it stands, under an own name. */
function steal(crowd: Crowd, thief: SimPerson, victim: Account): void {
  const account = thief.accounts.find((one) => one.platform === victim.platform);
  const message = platformOf(crowd, victim).messages.findLast((one) => one.buttons.length > 0);
  const button = message?.buttons[0];
  if (account === undefined || message === undefined || button === undefined) return;
  // The same token once in the chat of the prompt and once in the thief's own.
  const chat = crowd.chance.hits(0.5) ? message.chat : account.chat;
  tap(crowd, { person: thief, account, message: { messageId: message.messageId, chat }, button, isHonest: false });
}

/** A button of any age that this person was really shown; it may be decided, expired, or of an older version. */
function tapOld(crowd: Crowd, person: SimPerson, account: Account, isInline = false): void {
  const shown = platformOf(crowd, account).messages.filter((one) => mayTap(one, account));
  if (shown.length === 0) return;
  const message = crowd.chance.pick(shown);
  const button = crowd.chance.pick(message.buttons);
  tap(crowd, { person, account, message, button, isInline });
}

const mayTap = (message: SeenMessage, account: Account): boolean =>
  message.buttons.length > 0 && message.chat.chatId === account.chat.chatId;

function weird(crowd: Crowd, person: SimPerson): void {
  const { chance } = crowd;
  const by = from(crowd, person);
  const text = hostileText(chance);
  if (chance.hits(0.2)) {
    say(crowd, by, text);
    return;
  }
  const name = chance.pick(["limits", "close", "why", "resume", "link", "__proto__", "constructor", "statu", "unlink"]);
  // Unlinking a stranger's wish is refused; an insider's own would end the chat for good.
  if (name === "unlink" && isOfHouse(person)) return;
  command(crowd, by, name, name === "limits" ? `riskPerTrade ${text}` : name === "resume" ? text.slice(0, 4) : text);
}
