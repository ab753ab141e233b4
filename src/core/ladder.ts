/**
 * Who is asked again about a request that nobody has answered, and how: at a quarter, a half and three quarters of its time.
 * The prompt itself is the first rung and stands on every chat from the beginning.
 *
 *   25 %  the next person, in the chat that was not tried first     50 %  the others      75 %  everybody, everywhere, loud
 *
 * A step is named by request, version and rung. Whoever climbs it does so on the newest books; a step that is not the next
 * one does nothing, so two processes or a late timer never remind twice.
 */
import { type Approval, isWait } from "./approval.ts";
import { includesRole, mayDecide } from "./authority.ts";
import type { Books } from "./books.ts";
import { chatKey } from "./books_people.ts";
import type { Chat } from "./events.ts";
import { isAtPeace, type QuietHours } from "./quiet_hours.ts";
import { between, type Instant } from "./time.ts";

export const rungs = [0, 0.25, 0.5, 0.75] as const;
export const lastRung = rungs.length - 1;

export type Reminded = { readonly personId: string; readonly chat: Chat };
/** The name under which its messages wait; their fold key is the id of the step. */
export const reminderAlert = "request_waits";

export type Step = { readonly stepId: string; readonly rung: number; readonly to: readonly Reminded[] };

/** Quiet hours by person. */
export type Peace = Readonly<Record<string, QuietHours | null>>;

/** The highest rung whose time has come. 0 = only the prompt. */
export function rungAt({ createdAt, expiresAt }: Pick<Approval, "createdAt" | "expiresAt">, at: Instant): number {
  const whole = between(createdAt, expiresAt);
  if (whole <= 0) return 0;
  const share = between(createdAt, at) / whole;
  return rungs.findLastIndex((from) => share >= from && share < 1);
}

/** The step that is due now, with nobody in it when all rest; null = none is. A rung that was missed is not made up for. */
export function dueStep(approval: Approval, books: Books, peace: Peace, at: Instant): Step | null {
  // What one person alone asked for wants no answer; a veto window wants to be noticed.
  if (approval.state !== "pending" || (isWait(approval) && approval.isVeto !== true)) return null;
  const rung = rungAt(approval, at);
  if (rung <= (approval.rung ?? 0)) return null;
  const stepId = `${approval.approvalId}/v${approval.version}/${rung}`;
  return { stepId, rung, to: remindedAt(rung, askable(approval, books, peace, at)) };
}

type Askable = { readonly personId: string; readonly chats: readonly Chat[] };

/** People whose yes is still missing, the one with the most chats first: there another way is left. */
function askable(approval: Approval, { people }: Books, peace: Peace, at: Instant): readonly Askable[] {
  const isAsked = (personId: string, timeZone: string): boolean => {
    const until = approval.snoozed?.[personId];
    const isResting = until !== undefined && at < until;
    const quietHours = peace[personId] ?? null;
    return !isResting && !approval.yes.includes(personId) && !isAtPeace({ timeZone, quietHours }, approval.tier, at);
  };
  return Object.values(people.persons)
    .filter(({ role, isActive }) => isActive && includesRole(role, "operator") && mayDecide(role, approval.tier))
    .filter(({ personId, timeZone }) => approval.requester !== `person:${personId}` && isAsked(personId, timeZone))
    .map(({ personId }) => ({ personId, chats: chatsOf(personId, people.links) }))
    .filter(({ chats }) => chats.length > 0)
    .sort((left, right) => right.chats.length - left.chats.length || (left.personId < right.personId ? -1 : 1));
}

function chatsOf(personId: string, links: Books["people"]["links"]): readonly Chat[] {
  const own = Object.values(links).filter((link) => link.personId === personId);
  // The page is only seen by whoever sits before it; a phone is.
  const order = ["telegram", "discord", "desk"];
  return own
    .map((link) => link.chat)
    .sort((left, right) => order.indexOf(left.platform) - order.indexOf(right.platform));
}

function remindedAt(rung: number, people: readonly Askable[]): readonly Reminded[] {
  const all = people.flatMap(({ personId, chats }) => chats.map((chat) => ({ personId, chat })));
  const others = people
    .slice(1)
    .flatMap(({ personId, chats }) => chats.slice(0, 1).map((chat) => ({ personId, chat })));
  const [first] = people;
  if (rung === 1) {
    const chat = first?.chats[1] ?? first?.chats[0];
    return first === undefined || chat === undefined ? [] : [{ personId: first.personId, chat }];
  }
  return onceEach(rung === 2 && others.length > 0 ? others : all);
}

/** A group in which several of them sit is told once. */
function onceEach(list: readonly Reminded[]): readonly Reminded[] {
  return [...new Map(list.map((one) => [chatKey(one.chat), one])).values()];
}
