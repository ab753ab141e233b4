/** I24: no secret that was put into a slot ever comes out at any end: chats, logs, facts. */
import type { Invariant, Violation, WorldView } from "../contract.ts";
import { openCursor, violated } from "./verdict.ts";

export const secretsNeverLeak: Invariant = {
  id: "I24",
  name: "SecretsNeverLeak",
  statement: "Canary secrets are absent from everything said, logged or recorded",
  open() {
    const said = openCursor();
    const logged = openCursor();
    const facts = openCursor();
    return {
      check: (view) => [
        ...said(view.said).flatMap((text) => leaks(view, "chats", text)),
        ...logged(view.logged).flatMap((text) => leaks(view, "the log", text)),
        // What a person typed is kept word for word, whatever it was; nothing else may repeat it.
        ...facts(view.facts).flatMap(({ fact }) =>
          fact.type === "message_received" ? [] : leaks(view, `the record (${fact.type})`, JSON.stringify(fact)),
        ),
      ],
    };
  },
};

function leaks({ canaries }: WorldView, sink: string, text: string): readonly Violation[] {
  const canary = canaries.find((one) => text.includes(one));
  if (canary === undefined) return [];
  const at = text.indexOf(canary);
  return [
    violated("I24", `a secret came out in ${sink}`, {
      canary,
      around: text.slice(Math.max(0, at - 60), at + canary.length + 20),
    }),
  ];
}
