/** Which of the two pages is shown: the door, or the desk behind it. */
import { useCallback, useEffect, useState } from "react";
import { Desk } from "./desk.tsx";
import { Door } from "./door.tsx";
import { forgetHistory } from "./input_history.ts";
import { readSession, signIn, signOut, takeCode } from "./wire/session.ts";

type Place =
  | { readonly kind: "asking" }
  | { readonly kind: "door"; readonly because: string | null }
  | { readonly kind: "desk" };

const askAgainMs = 2_000;

/** Null when the person is in; else the sentence for the door. */
async function tryCode(code: string): Promise<string | null> {
  const answer = await signIn(code);
  return "because" in answer ? answer.because : null;
}

export function App({ firstCode }: { firstCode: string | null }) {
  const [place, setPlace] = useState<Place>({ kind: "asking" });

  const enter = useCallback(async (code: string): Promise<void> => {
    try {
      const because = await tryCode(code);
      setPlace(because === null ? { kind: "desk" } : { kind: "door", because });
    } catch {
      setPlace({ kind: "door", because: "The house does not answer. Is it running?" });
    }
  }, []);

  useEffect(() => {
    let isGone = false;
    let timer = 0;
    const ask = async (code: string | null): Promise<void> => {
      const isIn = await readSession().then(
        ({ person }) => person !== null,
        () => null,
      );
      if (isGone) return;
      // Nothing to be told yet: the page waits for the house, which may still be starting.
      if (isIn === null) timer = window.setTimeout(() => void ask(code), askAgainMs);
      else if (isIn) setPlace({ kind: "desk" });
      else if (code === null) setPlace({ kind: "door", because: null });
      else await enter(code);
    };
    void ask(firstCode);
    const onHash = (): void => {
      const pasted = takeCode();
      if (pasted !== null) void enter(pasted);
    };
    window.addEventListener("hashchange", onHash);
    return () => {
      isGone = true;
      clearTimeout(timer);
      window.removeEventListener("hashchange", onHash);
    };
  }, [enter, firstCode]);

  const leave = useCallback((because: string | null) => setPlace({ kind: "door", because }), []);
  const goOut = useCallback(async () => {
    forgetHistory();
    await signOut().catch(() => undefined);
    setPlace({ kind: "door", because: "You signed out." });
  }, []);

  switch (place.kind) {
    case "desk":
      return <Desk onEnd={leave} onSignOut={goOut} />;
    case "door":
      return <Door because={place.because} onCode={enter} />;
    case "asking":
      return <Door because={null} onCode={enter} isWaiting />;
  }
}
