/**
 * What people do, one deed at a time: look at a prompt and answer it (promptly, slowly, twice, one way here and another
 * there), ask for something, halt the house and let it go on again. In calm times everybody is awake and answers yes.
 */
import { type Crowd, command, hasRole, isOfHouse, lookedKey, openPromptsOf, platformOf, tap } from "./acts.ts";
import type { Account, SimPerson } from "./cast.ts";
import { mischief } from "./mischief.ts";
import type { SeenMessage } from "./platform.ts";
import { reasons } from "./texts.ts";

export function behave(crowd: Crowd): void {
  const { chance, scheduler } = crowd;
  if (!crowd.isCalm && chance.hits(0.02)) mischief(crowd);
  linkDesk(crowd);
  goOnAgain(crowd);
  for (const person of crowd.cast) {
    if (!isOfHouse(person) || scheduler.now() < person.asleepUntil) continue;
    if (!crowd.isCalm && chance.hits(person.sleepiness))
      person.asleepUntil = scheduler.now() + chance.pick([60_000, 300_000, 1_800_000]);
    lookAtPrompts(crowd, person);
    if (crowd.isCalm) continue;
    if (chance.hits(0.01)) ask(crowd, person);
    if (chance.hits(crowd.rateOf("people_kill_switch") * 0.02)) halt(crowd, person);
  }
}

function lookAtPrompts(crowd: Crowd, person: SimPerson): void {
  for (const seen of openPromptsOf(crowd, person)) {
    // In calm times a prompt that stays open is answered again: the first tap may have come at a bad moment.
    const round = crowd.isCalm ? `|${Math.floor(crowd.scheduler.now() / 15_000)}` : "";
    const key = `${lookedKey(person, seen.message)}${round}`;
    if (crowd.looked.has(key) || (!crowd.isCalm && crowd.chance.hits(0.3))) continue;
    crowd.looked.add(key);
    answer(crowd, person, seen);
  }
}

/** Decides now, taps later: what is tapped is the button that was really shown, even if the prompt has changed since. */
function answer(
  crowd: Crowd,
  person: SimPerson,
  { account, message }: { account: Account; message: SeenMessage },
): void {
  const { chance, scheduler, isCalm } = crowd;
  const yes = message.buttons.find((button) => button.style !== "no");
  const no = message.buttons.find((button) => button.style === "no");
  const flips = person.isContradictory && account.platform !== "telegram";
  const wantsYes = isCalm || chance.hits(person.keenness) !== flips;
  const button = wantsYes ? yes : no;
  if (button === undefined || (!wantsYes && isHalt(message) && chance.hits(0.7))) return;
  if (chance.hits(crowd.rateOf("people_slow"))) {
    answerMuchLater(crowd, person, { account, message, isYes: button === yes });
    return;
  }
  const waitMs = isCalm ? chance.int(500, 3_000) : chance.int(300, person.thinksMs);
  const act = (): void => void tap(crowd, { person, account, message: { ...message }, button });
  scheduler.after(waitMs, `${person.personId} taps ${button.label}`, act);
  if (!isCalm && chance.hits(person.doubleTaps))
    scheduler.after(waitMs + chance.int(1, 600), `${person.personId} taps again`, act);
}

/** Comes back to the phone when the time is nearly or long over, and taps what the prompt shows by then. */
function answerMuchLater(
  crowd: Crowd,
  person: SimPerson,
  { account, message, isYes }: { account: Account; message: SeenMessage; isYes: boolean },
): void {
  const { chance, scheduler } = crowd;
  const tapWhatIsThere = (): void => {
    const now = platformOf(crowd, account).messages.findLast(
      (one) => one.messageId === message.messageId && one.chat.chatId === message.chat.chatId && !one.isGone,
    );
    const button = now?.buttons.find((one) => (one.style !== "no") === isYes);
    if (now !== undefined && button !== undefined) tap(crowd, { person, account, message: now, button });
  };
  const waitMs = chance.pick([25_000, 29_000, 32_000, 40_000, 118_000, 125_000]);
  scheduler.after(waitMs, `${person.personId} comes back to a prompt`, tapWhatIsThere);
  // The price has moved meanwhile, and the prompt asks to tap again.
  scheduler.after(waitMs + chance.int(1_500, 4_000), `${person.personId} taps once more`, tapWhatIsThere);
}

const isHalt = (message: SeenMessage): boolean => /^(Close every|Leave )/.test(message.card.title);

const questions = ["status", "positions", "orders", "signals", "approvals", "limits", "help", "why"] as const;

function ask(crowd: Crowd, person: SimPerson): void {
  const { chance } = crowd;
  const by = { person, account: chance.pick(person.accounts) };
  if (chance.hits(0.7)) {
    command(crowd, by, chance.pick(questions));
    return;
  }
  if (chance.hits(0.4)) {
    command(crowd, by, "close", chance.pick(["SOL", "SOL/USDT", "ETH/USDT", "RAINYES/USDT"]));
    return;
  }
  if (chance.hits(0.5)) {
    command(
      crowd,
      by,
      "limits",
      `${chance.pick(["riskPerTrade", "positionMax"])} ${chance.pick(["0.5%", "0.4%", "1%"])}`,
    );
    return;
  }
  if (hasRole(person, "approver")) command(crowd, by, "resume", chance.pick(reasons));
}

function halt(crowd: Crowd, person: SimPerson): void {
  const { chance } = crowd;
  const name = chance.pick(["pause", "pause", "flatten", "flatten", "emergency"] as const);
  command(crowd, { person, account: chance.pick(person.accounts) }, name, chance.hits(0.5) ? "I don't like this" : "");
  crowd.haltedAt = crowd.scheduler.now();
}

/** Somebody lets the house go on after a while; in calm times the owner asks again until it does. */
function goOnAgain(crowd: Crowd): void {
  const { chance, scheduler, isCalm, haltedAt } = crowd;
  const now = scheduler.now();
  const isDue = isCalm
    ? now - crowd.resumedAt > 45_000
    : (haltedAt !== null && now - haltedAt > 30_000 && chance.hits(0.05)) || chance.hits(0.003);
  if (!isDue) return;
  const able = crowd.cast.filter((person) => hasRole(person, "approver") && now >= person.asleepUntil);
  const person = isCalm ? crowd.cast[0] : able.length > 0 ? chance.pick(able) : undefined;
  const account = person?.accounts[0];
  if (person === undefined || account === undefined) return;
  crowd.resumedAt = now;
  crowd.haltedAt = null;
  command(crowd, { person, account }, "resume", chance.pick(reasons));
}

/** The owner opens the desk with a code that the house gives in private, as a person does on the first day. */
function linkDesk(crowd: Crowd): void {
  const owner = crowd.cast[0];
  const [telegram, , desk] = owner?.accounts ?? [];
  if (owner === undefined || telegram === undefined || desk === undefined || crowd.looked.has("desk linked")) return;
  const replies = platformOf(crowd, telegram).messages.filter((one) => one.repliesTo === telegram.userId);
  const code = replies
    .findLast((one) => one.card.title === "One-time link code")
    ?.card.lines[0]?.match(/\/link (\S+)$/)?.[1];
  if (code !== undefined) {
    crowd.looked.add("desk linked");
    command(crowd, { person: owner, account: desk }, "link", code);
    return;
  }
  if (crowd.looked.has("desk asked") || !crowd.chance.hits(0.2)) return;
  crowd.looked.add("desk asked");
  command(crowd, { person: owner, account: telegram }, "link");
}
