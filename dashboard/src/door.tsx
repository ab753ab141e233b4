/** The door: one field for the one-time code, and nothing about the house. */
import { useEffect, useRef, useState } from "react";
import { Mark } from "./icons.tsx";

type DoorProps = {
  readonly because: string | null;
  readonly onCode: (code: string) => Promise<void>;
  /** The house has not answered yet. */
  readonly isWaiting?: boolean;
};

export function Door({ because, onCode, isWaiting = false }: DoorProps) {
  return (
    <main className="grid min-h-full place-items-center px-5 py-10">
      <div className="w-full max-w-sm">
        <Mark className="-ml-2 size-16" />
        <h1 className="mt-3 font-serif text-5xl tracking-tight">Countersign</h1>
        <p className="mt-2 text-ink-2">Nothing happens to your money that you would not have signed.</p>
        {isWaiting ? (
          <p className="mt-10 flex items-center gap-2.5 text-ink-2" role="status">
            <span className="size-2 animate-breathe rounded-full bg-brass" />
            Waiting for the house to answer…
          </p>
        ) : (
          <CodeForm because={because} onCode={onCode} />
        )}
      </div>
    </main>
  );
}

function CodeForm({ because, onCode }: Omit<DoorProps, "isWaiting">) {
  const [code, setCode] = useState("");
  const [isTrying, setTrying] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const submit = async (): Promise<void> => {
    // A whole address may be pasted as well.
    const given = /#code=([A-Za-z0-9_-]+)/.exec(code)?.[1] ?? code.trim();
    if (given === "" || isTrying) return;
    setTrying(true);
    await onCode(given);
    setTrying(false);
    field.current?.select();
  };

  return (
    <form
      className="mt-9"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label htmlFor="code" className="caption">
        One-time code
      </label>
      <div className="mt-1.5 flex gap-2">
        <input
          id="code"
          ref={field}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          autoComplete="one-time-code"
          autoCapitalize="off"
          spellCheck={false}
          aria-describedby="code-help"
          aria-invalid={because !== null}
          className="h-12 min-w-0 flex-1 rounded-lg border border-line-strong bg-raised px-3.5 font-mono tracking-wide outline-offset-0"
        />
        <button
          type="submit"
          disabled={isTrying || code.trim() === ""}
          className="h-12 rounded-lg bg-ink px-5 font-medium text-ground transition-opacity disabled:opacity-40"
        >
          {isTrying ? "Checking…" : "Enter"}
        </button>
      </div>
      <Help because={because} />
    </form>
  );
}

function Help({ because }: { because: string | null }) {
  return (
    <>
      <p id="code-help" className="mt-3 text-sm text-ink-2">
        The terminal in which the house runs shows an address that ends in <code className="font-mono">#code=…</code>.
        Open that address, or paste its code here. It works once.
      </p>
      <p role="alert" className="mt-4 min-h-6 text-sm text-no">
        {because}
      </p>
    </>
  );
}
