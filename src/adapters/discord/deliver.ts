/**
 * Hands what was heard to the flows.
 *
 *   read -> receive() stores it -> the flow acknowledges         normal
 *   not readable               -> dropped; the tapper is told     a button of another time
 *   somebody types a command   -> values that exist now          nothing is kept of it
 *   receive() throws           -> logged, not acknowledged        Discord tells the person that the interaction failed
 */
import type { Log } from "../../ports/log.ts";
import type { Messenger, Receive } from "../../ports/messenger.ts";
import { type Answerable, packRef } from "./answer_ref.ts";
import { type Dispatch, type ReadOptions, readDispatch, type Typing } from "./incoming.ts";
import { explain } from "./problems.ts";

/** A flood of forged taps must not delay the hearing of an emergency. */
const forgedAnswersMax = 20;

export type Deliverer = {
  deliver(dispatch: Dispatch, receive: Receive): void;
  settled(): Promise<unknown>;
};

export function deliversDispatches(settings: {
  log: Log;
  token: string;
  readOptions: ReadOptions;
  acknowledge: Messenger["acknowledge"];
  /** Answers who is typing; never throws. */
  complete: (answer: Answerable, typing: Typing) => Promise<void>;
}): Deliverer {
  const { log, token, readOptions, acknowledge, complete } = settings;
  const underWay = new Set<Promise<void>>();
  const forgedAnswers = new Set<Promise<unknown>>();

  const tellForged = (answerable: Answerable) => {
    if (forgedAnswers.size >= forgedAnswersMax) return;
    const notice = { text: "This button is not known here any more.", isRefusal: true };
    const answer = acknowledge(packRef(answerable), notice).finally(() => forgedAnswers.delete(answer));
    forgedAnswers.add(answer);
  };

  async function hear(dispatch: Dispatch, receive: Receive): Promise<void> {
    const read = readDispatch(dispatch, readOptions);
    if (read.kind === "ignored") return;
    if (read.kind === "completing") return await complete(read.answer, read.typing);
    if (read.kind === "malformed") {
      log.warn("Discord: dropped what can't be read", { because: read.because });
      if (read.answer !== null) tellForged(read.answer);
      return;
    }
    try {
      await receive(read.incoming);
    } catch (error) {
      const facts = { eventId: read.incoming.eventIds[0] ?? "", because: explain(error, token) };
      log.error("Discord: could not store what was heard; the sender must repeat it", facts);
    }
  }

  return {
    deliver(dispatch, receive) {
      const work = hear(dispatch, receive).finally(() => underWay.delete(work));
      underWay.add(work);
    },
    settled: () => Promise.allSettled([...underWay, ...forgedAnswers]),
  };
}
