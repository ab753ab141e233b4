/** What one person is asked to write under a card: one field a line, a code unseen; sent once, and then the house answers. */
import { useState } from "react";
import type { FormView } from "../../src/adapters/desk/contract.ts";

type CardFormProps = {
  readonly form: FormView;
  readonly isShut: boolean;
  readonly onSend: (values: Readonly<Record<string, string>>) => void;
};

export function CardForm({ form, isShut, onSend }: CardFormProps) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [isSent, setSent] = useState(false);
  const isWhole = form.fields.every(({ name }) => (values[name] ?? "").trim() !== "");
  return (
    <form
      aria-label={form.title}
      autoComplete="off"
      className="space-y-2.5 pt-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWhole || isShut || isSent) return;
        setSent(true);
        onSend(values);
      }}
    >
      {form.fields.map(({ name, label, hint, isSecret }) => (
        <label key={name} className="block text-[13px] text-ink-2">
          {label}
          <input
            type={isSecret ? "password" : "text"}
            inputMode={isSecret ? "numeric" : "text"}
            autoComplete={isSecret ? "one-time-code" : "off"}
            placeholder={isSecret ? "" : hint}
            maxLength={400}
            value={values[name] ?? ""}
            onChange={(event) => setValues({ ...values, [name]: event.target.value })}
            className="mt-1 block h-10 w-full rounded-lg border border-line-strong bg-raised px-3 font-mono text-[14px] text-ink"
          />
        </label>
      ))}
      <button
        type="submit"
        disabled={!isWhole || isShut || isSent}
        className="h-10 rounded-lg border border-line-strong px-4 text-sm hover:bg-line disabled:opacity-45"
      >
        Send
      </button>
    </form>
  );
}

/** Dark on white whatever the theme: a phone's camera must read it. */
export function Square({ rows }: { readonly rows: readonly (readonly boolean[])[] }) {
  const quiet = 4;
  const size = rows.length + 2 * quiet;
  const dark = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x + quiet} ${y + quiet}h1v1h-1z` : "")));
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label="QR code for an authenticator app"
      shapeRendering="crispEdges"
      className="size-56 rounded-lg bg-white"
    >
      <path d={dark.join("")} fill="black" />
    </svg>
  );
}
