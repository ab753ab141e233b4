/**
 * Who hears an alert. The routes are built in, the first that fits counts, and the last fits everything; which chats stand
 * behind a route follows from the people who are linked.
 *
 *   critical  every linked chat, with sound; confirmed by none of them within 30 s: private chats, then the outside monitor
 *   warning   every linked chat, with sound
 *   all else  every linked chat, without sound
 */
import type { Alert } from "./alerting.ts";
import { chatKey, linkedChats, type PeopleBooks } from "./books_people.ts";
import type { Chat } from "./events.ts";

export type Route = {
  readonly name: string;
  readonly hasSound: boolean;
  readonly hasWaysOut: boolean;
  fits(alert: Pick<Alert, "severity" | "name" | "labels">): boolean;
};

export const routes: readonly Route[] = [
  { name: "critical", hasSound: true, hasWaysOut: true, fits: ({ severity }) => severity === "critical" },
  { name: "warning", hasSound: true, hasWaysOut: false, fits: ({ severity }) => severity === "warning" },
];
export const catchAll: Route = { name: "all else", hasSound: false, hasWaysOut: false, fits: () => true };

export function routeOf(alert: Pick<Alert, "severity" | "name" | "labels">): Route {
  return routes.find((route) => route.fits(alert)) ?? catchAll;
}

/** Chats of a route. A card that one chat refused is told in every other one. */
export function chatsOfRoute(people: PeopleBooks, alerts: readonly Pick<Alert, "labels">[]): readonly Chat[] {
  const refusing = new Set(alerts.map(({ labels }) => labels["chat"]));
  return linkedChats(people).filter((chat) => !refusing.has(chatKey(chat)));
}

/** Private chats of linked accounts that are no linked chats themselves: tried when nothing else confirms. */
export function waysOut(people: PeopleBooks): readonly Chat[] {
  const linked = new Set(linkedChats(people).map(chatKey));
  const chats = Object.values(people.links)
    .filter(({ platform, personId }) => platform !== "desk" && people.persons[personId]?.isActive === true)
    .map(({ platform, userId }): Chat => {
      const chatId = platform === "discord" ? `user:${userId}` : userId;
      return { platform, chatId, threadId: null };
    });
  const byKey = new Map(chats.map((chat) => [chatKey(chat), chat]));
  return [...byKey].filter(([key]) => !linked.has(key)).map(([, chat]) => chat);
}

/** For a person who asks where an alert would go. */
export function routeText(people: PeopleBooks, alert: Pick<Alert, "severity" | "name" | "labels">): string {
  const route = routeOf(alert);
  const chats = chatsOfRoute(people, [alert]).map(chatKey);
  const out = route.hasWaysOut ? `; then ${[...waysOut(people).map(chatKey), "the outside monitor"].join(", ")}` : "";
  const where = chats.length === 0 ? "nobody is linked" : chats.join(", ");
  return `route ${route.name}: ${where}${route.hasSound ? "" : ", without sound"}${out}`;
}
