/** Venue and chats as one process has them: no call leaves a dead one, and a frozen one calls and hears late. */
import type { Messenger } from "../../../src/ports/messenger.ts";
import type { Venue } from "../../../src/ports/venue.ts";
import type { Life } from "./life.ts";

export const venueDoor = (venue: Venue, life: Life): Venue => guarded(venue, life);

export function messengerDoor(messenger: Messenger, life: Life): Messenger {
  const door = guarded(messenger, life);
  return Object.assign(Object.create(door) as Messenger, {
    platform: messenger.platform,
    health: () => messenger.health(),
    // What arrives is heard only while this process lives; the chat learns nothing of a process that died while hearing.
    start: (receive: Parameters<Messenger["start"]>[0]) =>
      messenger.start((incoming) => life.call(() => receive(incoming))),
  });
}

/** What a port knows by itself, without asking anybody. */
const answeredAtOnce: ReadonlySet<PropertyKey> = new Set(["window", "health"]);

function guarded<Port extends object>(port: Port, life: Life): Port {
  const wrapped = new Map<PropertyKey, unknown>();
  return new Proxy(port, {
    get(target, name) {
      const known = wrapped.get(name);
      if (known !== undefined) return known;
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== "function") return member;
      if (answeredAtOnce.has(name)) return member.bind(target) as unknown;
      const method = member as (...told: readonly unknown[]) => Promise<unknown>;
      const call = (...told: readonly unknown[]): Promise<unknown> => life.call(() => method.apply(target, [...told]));
      wrapped.set(name, call);
      return call;
    },
  });
}
