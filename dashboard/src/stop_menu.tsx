/** The ways to stop the house, always one click away. Their words come from the commands themselves. */
import { useEffect, useRef, useState } from "react";
import type { CommandView } from "../../src/adapters/desk/contract.ts";
import { StopIcon } from "./icons.tsx";

const stops = ["pause", "flatten", "emergency"] as const;

type StopMenuProps = {
  readonly commands: readonly CommandView[];
  readonly onCommand: (name: string, text: string) => void;
};

export function StopMenu({ commands, onCommand }: StopMenuProps) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const known = stops.flatMap((name) => commands.filter((command) => command.name === name));

  useEffect(() => {
    if (!isOpen) return;
    box.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const onDown = (event: Event): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener("pointerdown", onDown);
    return () => document.removeEventListener("pointerdown", onDown);
  }, [isOpen]);

  const onKey = (event: React.KeyboardEvent): void => {
    if (event.key === "Escape") {
      setOpen(false);
      box.current?.querySelector("button")?.focus();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    moveFocus(box.current, event.key === "ArrowDown" ? 1 : -1);
  };
  const choose = (name: string): void => {
    setOpen(false);
    onCommand(name, "");
  };

  if (known.length === 0) return null;
  return (
    <div ref={box} className="relative">
      <button
        type="button"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onKeyDown={onKey}
        onClick={() => setOpen(!isOpen)}
        className="flex h-9 items-center gap-1.5 rounded-lg border border-no/50 px-3 text-sm font-medium text-no hover:bg-no/10"
      >
        <StopIcon className="size-4.5" />
        Stop
      </button>
      {isOpen && (
        <div
          role="menu"
          aria-label="Stop the house"
          tabIndex={-1}
          onKeyDown={onKey}
          className="absolute right-0 mt-2 w-80 max-w-[calc(100vw-2rem)] animate-arrive overflow-hidden rounded-xl border border-line-strong bg-raised py-1 shadow-card"
        >
          <Stops known={known} onChoose={choose} />
        </div>
      )}
    </div>
  );
}

function moveFocus(box: HTMLElement | null, step: 1 | -1): void {
  const items = [...(box?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  items.at((items.indexOf(document.activeElement as HTMLElement) + step) % items.length)?.focus();
}

function Stops({ known, onChoose }: { known: readonly CommandView[]; onChoose: (name: string) => void }) {
  return known.map(({ name, summary }) => (
    <button
      key={name}
      type="button"
      role="menuitem"
      onClick={() => onChoose(name)}
      className="block w-full px-4 py-2.5 text-left hover:bg-line/60 focus-visible:bg-line/60"
    >
      <span className="font-mono text-[15px] font-semibold text-no">/{name}</span>
      <span className="block text-sm text-ink-2">{summary}</span>
    </button>
  ));
}
