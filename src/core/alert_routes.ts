/**
 * Who hears an alert. Rules of the settings come first, the first that fits counts, and one that goes on lets the next ones
 * add to it. What no rule fits goes to every linked chat; so does what could cost money unseen, whatever a rule says.
 *
 *   critical  with sound; confirmed by no chat within 30 s: the other linked chats, private ones, the outside monitor
 *   warning   with sound, except where everybody whom the chat reaches has quiet hours
 *   all else  without sound
 */
import { type Alert, type Matcher, matches } from "./alerting.ts";
import { chatKey, linkedChats, type PeopleBooks } from "./books_people.ts";
import type { Chat } from "./events.ts";

/** One line of `alerts.routes`. */
export type RouteRule = {
  /** All of them must fit: labels of the alert, and `alert`, `severity`, `account`, `mode`. None = it fits everything. */
  readonly matchers: readonly Matcher[];
  /** Told there, and in the chats of these people; neither = in every linked chat. */
  readonly chats: readonly Chat[];
  readonly people: readonly string[];
  readonly goesOn: boolean;
};

/** What decides beside the alert itself. */
export type Routing = {
  readonly routes?: readonly RouteRule[];
  readonly account?: string;
  readonly mode?: string;
};

type Routed = Pick<Alert, "severity" | "name" | "labels" | "isVital">;

/** Numbers of the rules that fit, from 1, in their order; empty = every linked chat. */
export function fittingRules(
  alert: Omit<Routed, "isVital">,
  { routes = [], account, mode }: Routing,
): readonly number[] {
  const labels = {
    ...(account === undefined ? {} : { account }),
    ...(mode === undefined ? {} : { mode }),
    ...alert.labels,
  };
  const fitting: number[] = [];
  for (const [index, rule] of routes.entries()) {
    if (!matches({ ...alert, labels }, rule.matchers)) continue;
    fitting.push(index + 1);
    if (!rule.goesOn) break;
  }
  return fitting;
}

/** Chats of a message about these alerts, once each. A card that one chat refused is told in every other one. */
export function chatsOfRoute(people: PeopleBooks, alerts: readonly Routed[], routing: Routing): readonly Chat[] {
  const refusing = new Set(alerts.map(({ labels }) => labels["chat"]));
  const byKey = new Map(
    alerts.flatMap((alert) => chatsOf(people, alert, routing)).map((chat) => [chatKey(chat), chat]),
  );
  return [...byKey]
    .filter(([key]) => !refusing.has(key))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, chat]) => chat);
}

function chatsOf(people: PeopleBooks, alert: Routed, routing: Routing): readonly Chat[] {
  const linked = linkedChats(people);
  const rules = fittingRules(alert, routing).flatMap((number) => routing.routes?.[number - 1] ?? []);
  const named = rules.flatMap((rule) =>
    rule.chats.length + rule.people.length === 0 ? linked : [...rule.chats, ...chatsOfPeople(people, rule.people)],
  );
  if (named.length === 0 || alert.isVital) return [...linked, ...named];
  // The page on this machine shows everything, wherever it is told.
  return [...named, ...linked.filter(({ platform }) => platform === "desk")];
}

function chatsOfPeople(people: PeopleBooks, personIds: readonly string[]): readonly Chat[] {
  return Object.values(people.links)
    .filter(({ personId }) => personIds.includes(personId) && people.persons[personId]?.isActive === true)
    .map(({ chat }) => chat);
}

/**
 * Tried when no chat of the route confirms: linked chats that a rule left out, and private chats of linked accounts that are
 * no linked chats themselves.
 */
export function waysOut(people: PeopleBooks, alerts: readonly Routed[], routing: Routing): readonly Chat[] {
  const told = new Set(chatsOfRoute(people, alerts, routing).map(chatKey));
  const refusing = new Set(alerts.map(({ labels }) => labels["chat"]));
  const linked = linkedChats(people);
  const accounts = Object.values(people.links)
    .filter(({ personId }) => people.persons[personId]?.isActive === true)
    .map(({ platform, userId }): Chat => {
      const chatId = platform === "discord" ? `user:${userId}` : userId;
      return { platform, chatId, threadId: null };
    });
  const isLinked = new Set(linked.map(chatKey));
  const more = [...linked, ...accounts.filter((chat) => !isLinked.has(chatKey(chat)))];
  const byKey = new Map(more.filter(({ platform }) => platform !== "desk").map((chat) => [chatKey(chat), chat]));
  return [...byKey].filter(([key]) => !told.has(key) && !refusing.has(key)).map(([, chat]) => chat);
}

/** For a person who asks where an alert would go. */
export function routeText(people: PeopleBooks, alert: Routed, routing: Routing): string {
  const rules = fittingRules(alert, routing);
  const by = rules.length === 0 ? "" : ` by rule ${rules.join(" and ")}`;
  const named = (chat: Chat): string => chatName(people, chat);
  const chats = [...new Set(chatsOfRoute(people, [alert], routing).map(named))];
  const isCritical = alert.severity === "critical";
  const out = isCritical
    ? `; then ${[...waysOut(people, [alert], routing).map(named), "the outside monitor"].join(", ")}`
    : "";
  const where = chats.length === 0 ? "nobody is linked" : chats.join(", ");
  return `route ${alert.severity}${by}: ${where}${alert.severity === "info" ? ", without sound" : ""}${out}`;
}

/** "telegram (Ana, Bo)", or the number of a chat that is nobody's. */
function chatName(people: PeopleBooks, chat: Chat): string {
  const isOf = ({ platform, userId, chat: linked }: PeopleBooks["links"][string]): boolean =>
    chatKey(linked) === chatKey(chat) ||
    (platform === chat.platform && (chat.chatId === userId || chat.chatId === `user:${userId}`));
  const names = Object.values(people.links)
    .filter(isOf)
    .map(({ personId }) => people.persons[personId]?.name ?? personId);
  if (names.length === 0) return `${chat.platform} ${chat.chatId}`;
  const place = chat.chatId.startsWith("user:") ? ", in private" : "";
  return `${chat.platform} (${[...new Set(names)].join(", ")}${place})`;
}
