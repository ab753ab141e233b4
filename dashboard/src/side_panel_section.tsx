/** A titled part of the side panel. */
import type { ReactNode } from "react";

export function Section({ title, aside, children }: { title: string; aside?: string; children: ReactNode }) {
  return (
    <section className="border-b border-line px-5 py-5 lg:px-6">
      <h2 className="mb-3 flex items-baseline justify-between font-serif text-lg tracking-tight">
        {title}
        {aside !== undefined && <span className="figures font-sans text-[13px] text-ink-3">{aside}</span>}
      </h2>
      {children}
    </section>
  );
}
