/**
 * What the desk does with one frame of a page. Nothing a page sends can throw out of here.
 *
 *   frame -> known form? -> still allowed? -> hello | completion | act -> receive() commits -> "received"
 */
import { instant } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Log } from "../../ports/log.ts";
import type { Receive } from "../../ports/messenger.ts";
import { type AskedList, eventIdOf, incomingOf } from "./acts.ts";
import { type ActFrame, type ClientFrame, type CommandView, clientFrameSchema, closeCodes } from "./contract.ts";
import type { DeskDoor, DeskPerson, DeskSight } from "./door.ts";
import type { MessageRing } from "./message_ring.ts";
import type { Page, Pages } from "./pages.ts";

const badFramesMax = 10;
const inFlightMax = 32;
const completionsMax = 25;

export type HearingParts = {
  readonly door: DeskDoor;
  readonly sight: DeskSight;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ring: MessageRing;
  readonly pages: Pages;
  readonly asked: AskedList;
  readonly commandsOf: (person: DeskPerson) => readonly CommandView[];
  /** Null before start and after stop. */
  readonly receiver: () => Receive | null;
  readonly greet: (page: Page, person: DeskPerson) => void;
  readonly publish: (messageId: string) => void;
};

export type Hear = (page: Page, data: string | null) => Promise<void>;

/** `data` is the text of the frame, or null for a binary one, which no page of ours sends. */
export function openHearing(parts: HearingParts): Hear {
  const { door, pages, log } = parts;
  const commits = new Map<string, Promise<void>>();

  return async (page, data) => {
    if (!pages.mayHear(page)) return pages.close(page, closeCodes.badFrames, "Too many frames a second");
    const frame = data === null ? null : readFrame(data);
    const isExpected = frame !== null && (frame.kind === "hello") === (page.pageId === null);
    if (!isExpected) {
      page.badFrames += 1;
      if (page.badFrames >= badFramesMax) return pages.close(page, closeCodes.badFrames, "Frames nobody understands");
      return pages.send(page, { kind: "problem", because: "The desk did not understand this page; reload it" });
    }
    const person = door.personNow(page.session.personId);
    if (person === null) return pages.close(page, closeCodes.accessRevoked, "Access was revoked");
    try {
      await answer(parts, commits, { page, frame, person });
    } catch (error) {
      log.error("The desk could not answer a page", { frame: frame.kind, because: text(error) });
    }
  };
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function readFrame(data: string): ClientFrame | null {
  try {
    const parsed = clientFrameSchema.safeParse(JSON.parse(data));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON: the same as a frame of no known form.
    return null;
  }
}

type Heard<Frame> = { readonly page: Page; readonly frame: Frame; readonly person: DeskPerson };

async function answer(parts: HearingParts, commits: Map<string, Promise<void>>, heard: Heard<ClientFrame>) {
  const { page, frame, person } = heard;
  switch (frame.kind) {
    case "hello":
      page.pageId = frame.pageId;
      if (isTimeZone(frame.timeZone)) parts.door.noteTimeZone(person.personId, frame.timeZone);
      return parts.greet(page, person);
    case "complete":
      return parts.pages.send(page, {
        kind: "completions",
        id: frame.id,
        values: await complete(parts, frame, person),
      });
    default:
      return hearAct(parts, commits, { page, frame, person });
  }
}

function isTimeZone(name: string): boolean {
  try {
    Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

async function complete(parts: HearingParts, frame: Extract<ClientFrame, { kind: "complete" }>, person: DeskPerson) {
  const command = parts.commandsOf(person).find(({ name }) => name === frame.command);
  const option = command?.options.find(({ name }) => name === frame.option);
  if (option === undefined) return [];
  if (option.choices.length > 0) {
    return option.choices.filter((value) => value.startsWith(frame.prefix)).map((value) => ({ value, label: null }));
  }
  const values = await parts.sight.complete(frame.command, frame.option, frame.prefix);
  return values.slice(0, completionsMax);
}

async function hearAct(parts: HearingParts, commits: Map<string, Promise<void>>, heard: Heard<ActFrame>) {
  const { page, frame } = heard;
  const { pages } = parts;
  const refuse = (because: string) => pages.send(page, { kind: "not_received", id: frame.id, because, mayRetry: true });
  const receive = parts.receiver();
  if (receive === null) return refuse("The house is not ready to listen yet");
  if (page.inFlight >= inFlightMax) return refuse("Too much at once; the house is still writing down what came before");
  const eventId = eventIdOf(page.session, frame);
  page.inFlight += 1;
  try {
    // The same act may come again from a reconnected page while its first commit is still under way.
    const commit = commits.get(eventId) ?? take(parts, receive, heard, eventId);
    commits.set(eventId, commit);
    await commit;
    pages.send(page, { kind: "received", id: frame.id });
  } catch (error) {
    parts.log.error("An act at the desk could not be written down", { event: eventId, because: text(error) });
    refuse("The house could not write this down, so it does not count yet");
  } finally {
    commits.delete(eventId);
    page.inFlight -= 1;
  }
}

async function take(parts: HearingParts, receive: Receive, heard: Heard<ActFrame>, eventId: string): Promise<void> {
  const { frame, person, page } = heard;
  const actedAt = instant(parts.clock.wall() - frame.ageMs);
  const answers = isSilent(frame) ? frame.messageId : echo(parts, heard, eventId, frame);
  const { tokenHash } = page.session;
  parts.asked.remember(eventId, { personId: person.personId, pageId: page.pageId ?? "", tokenHash, answers });
  try {
    await receive(incomingOf(frame, eventId, person, actedAt));
    // What was written into a form is not shown again; the form is used up with it.
    if (frame.kind === "form" && parts.ring.closeForm(frame.messageId, parts.clock.wall()))
      parts.publish(frame.messageId);
    mark(parts, frame, answers, "received");
  } catch (error) {
    mark(parts, frame, answers, "not_received");
    throw error;
  }
}

/** A tap and a form speak where they stand; words are echoed. */
function isSilent(frame: ActFrame): frame is Extract<ActFrame, { messageId: string }> {
  return frame.kind === "tap" || frame.kind === "form";
}

/** Shows the person's own words before the house answers, so that question and answer stand in order. */
function echo(
  parts: HearingParts,
  { person }: Heard<ActFrame>,
  eventId: string,
  frame: Exclude<ActFrame, { messageId: string }>,
): string {
  const before = parts.asked.find({ platform: "desk", id: eventId, token: null });
  if (before?.answers != null) return before.answers;
  const messageId = parts.ids.next("said");
  const words = frame.kind === "command" ? `/${frame.name} ${frame.text}`.trim() : frame.text;
  const answers = frame.kind === "text" ? frame.replyTo : null;
  const { personId, displayName } = person;
  parts.ring.say({ messageId, personId, displayName, text: words, answers }, parts.clock.wall());
  parts.publish(messageId);
  return messageId;
}

function mark(parts: HearingParts, frame: ActFrame, messageId: string, status: "received" | "not_received"): void {
  if (isSilent(frame)) return;
  if (parts.ring.markSaid(messageId, status) !== null) parts.publish(messageId);
}
