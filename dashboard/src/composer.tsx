/** The command box: quick buttons, completion while typing, arrow keys for what was typed before. */
import { useEffect, useId, useRef, useState } from "react";
import type { CardMessage } from "../../src/adapters/desk/contract.ts";
import { type Hint, hintFor, readSentence } from "./completion.ts";
import { CompletionList, type Offer } from "./completion_list.tsx";
import { CrossIcon, SendIcon } from "./icons.tsx";
import { readHistory, rememberLine } from "./input_history.ts";
import { QuickButtons } from "./quick_buttons.tsx";
import type { DeskLine } from "./wire/line.ts";
import type { View } from "./wire/view.ts";

type ComposerProps = {
  readonly view: View;
  readonly line: DeskLine;
  readonly replyTo: CardMessage | null;
  readonly onReplyDone: () => void;
};

export function Composer({ view, line, replyTo, onReplyDone }: ComposerProps) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const [isShut, setShut] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const listId = useId();
  const history = useHistory(setText);
  const hint = hintFor(text, view.commands);
  const offers = useOffers(hint, line);
  const isOffering = offers.length > 0 && !isShut;

  useSlashKey(field);
  useEffect(() => {
    if (replyTo !== null) field.current?.focus();
  }, [replyTo]);

  const change = (next: string): void => {
    setText(next);
    setChosen(0);
    setShut(false);
    history.leave();
  };
  const take = (offer: Offer): void => {
    change(offer.text);
    field.current?.focus();
  };
  const submit = (): void => {
    const sentence = readSentence(text, view.commands, replyTo !== null);
    if (sentence.kind === "nothing") return;
    if (sentence.kind === "command") line.command(sentence.name, sentence.text);
    else line.say(sentence.text, replyTo?.messageId ?? null);
    history.remember(text.trim());
    change("");
    onReplyDone();
  };

  const onKey = (event: React.KeyboardEvent): void => {
    const offer = offers[chosen];
    // An input method that is composing a character owns Enter and the arrows.
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      if (isOffering) setShut(true);
      else onReplyDone();
    } else if (event.key === "Tab" && isOffering && offer !== undefined && !event.shiftKey) {
      event.preventDefault();
      take(offer);
    } else if (event.key === "Enter") {
      event.preventDefault();
      // Enter on a half-typed name completes it; on a whole line it sends.
      if (isOffering && offer?.isUnfinished === true) take(offer);
      else submit();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (isOffering && !history.isBrowsing()) setChosen((chosen + step + offers.length) % offers.length);
      else history.step(step, text);
    }
  };

  return (
    <div className="border-t border-line bg-panel">
      <div className="relative mx-auto max-w-[51rem] px-3 pt-2.5 pb-3 sm:px-5 sm:pl-24">
        {isOffering && (
          <CompletionList id={listId} hint={hint} offers={offers} chosen={chosen} onChoose={setChosen} onTake={take} />
        )}
        <QuickButtons
          view={view}
          onCommand={line.command}
          onType={(words) => take({ text: words, label: "", aside: null, isUnfinished: false })}
        />
        {replyTo !== null && <Replying to={replyTo} onCancel={onReplyDone} />}
        <form
          className="flex items-center gap-2 rounded-xl border border-line-strong bg-raised pr-1.5 pl-3.5 focus-within:border-brass"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <input
            ref={field}
            value={text}
            onChange={(event) => change(event.target.value)}
            onKeyDown={onKey}
            onBlur={() => setShut(true)}
            onFocus={() => setShut(false)}
            placeholder={replyTo === null ? "Type / for commands" : "Your answer"}
            aria-label={replyTo === null ? "Command or message" : `Answer to ${replyTo.card.title}`}
            role="combobox"
            aria-expanded={isOffering}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={isOffering ? `${listId}-${chosen}` : undefined}
            autoComplete="off"
            autoCapitalize="off"
            autoCorrect="off"
            spellCheck={false}
            enterKeyHint="send"
            maxLength={4000}
            className="h-12 min-w-0 flex-1 bg-transparent font-mono text-[15px] placeholder:text-ink-3 focus-visible:outline-none max-sm:text-base"
          />
          <Usage hint={hint} />
          <button
            type="submit"
            aria-label="Send"
            disabled={text.trim() === ""}
            className="grid size-9 place-items-center rounded-lg bg-ink text-ground transition-opacity disabled:opacity-25"
          >
            <SendIcon className="size-4.5" />
          </button>
        </form>
      </div>
    </div>
  );
}

function Replying({ to, onCancel }: { to: CardMessage; onCancel: () => void }) {
  return (
    <p className="mb-1.5 flex items-center gap-2 text-[13px] text-ink-2">
      <span className="min-w-0 truncate">
        Answering <b className="font-medium text-ink">{to.card.title}</b>
      </span>
      <button type="button" aria-label="Do not answer it" onClick={onCancel} className="rounded p-0.5 hover:bg-line">
        <CrossIcon className="size-4" />
      </button>
    </p>
  );
}

/** The options of the command that is being typed, the present one lit. */
function Usage({ hint }: { hint: Hint }) {
  if (hint.kind !== "option") return null;
  return (
    <span className="hidden shrink-0 gap-1.5 font-mono text-xs text-ink-3 md:flex" aria-hidden="true">
      {hint.command.options.map(({ name, isRequired }) => (
        <span key={name} className={name === hint.option.name ? "text-brass" : ""}>
          {isRequired ? `<${name}>` : `[${name}]`}
        </span>
      ))}
    </span>
  );
}

/** "/" anywhere on the page leads to the box, as in a chat. */
function useSlashKey(field: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.closest("input, textarea") !== null) return;
      field.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [field]);
}

/** Arrow up goes back through earlier lines, arrow down forward again to the unfinished one. */
function useHistory(setText: (text: string) => void) {
  const lines = useRef<readonly string[] | null>(null);
  const place = useRef<{ index: number; unfinished: string } | null>(null);
  const all = (): readonly string[] => {
    lines.current ??= readHistory();
    return lines.current;
  };
  return {
    isBrowsing: () => place.current !== null,
    leave() {
      place.current = null;
    },
    remember(line: string) {
      lines.current = rememberLine(all(), line);
    },
    step(step: 1 | -1, present: string) {
      const from = place.current ?? { index: all().length, unfinished: present };
      const index = Math.min(all().length, Math.max(0, from.index + step));
      place.current = index === all().length ? null : { ...from, index };
      setText(all()[index] ?? from.unfinished);
    },
  };
}

const offersMost = 8;

/** What can stand where the caret is. Values that exist only in the house are asked for after a short rest. */
function useOffers(hint: Hint, line: DeskLine): readonly Offer[] {
  const [fetched, setFetched] = useState<{ key: string; offers: readonly Offer[] }>({ key: "", offers: [] });
  const asks = hint.kind === "option" && hint.option.kind !== "number";
  const command = hint.kind === "option" ? hint.command.name : "";
  const option = hint.kind === "option" ? hint.option.name : "";
  const prefix = hint.kind === "option" ? hint.prefix : "";
  const key = asks ? `${command} ${option} ${prefix}` : "";
  useEffect(() => {
    if (key === "") return;
    let isGone = false;
    const timer = setTimeout(async () => {
      const values = await line.complete(command, option, prefix);
      if (isGone) return;
      const offers = values.map(({ value, label }) => ({
        text: value,
        label: value,
        aside: label,
        isUnfinished: value !== prefix,
      }));
      setFetched({ key, offers });
    }, 80);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [key, command, option, prefix, line]);

  if (hint.kind === "names") {
    return hint.matches.slice(0, offersMost).map(({ name, summary, options }) => ({
      text: options.length > 0 ? `/${name} ` : `/${name}`,
      label: `/${name}`,
      aside: summary,
      isUnfinished: true,
    }));
  }
  if (hint.kind !== "option" || fetched.key !== key) return [];
  return fetched.offers.slice(0, offersMost).map((offer) => ({ ...offer, text: placeWord(hint, offer.text) }));
}

function placeWord(hint: Extract<Hint, { kind: "option" }>, word: string): string {
  const isLast = hint.command.options.at(-1)?.name === hint.option.name;
  return `${hint.head}${word}${isLast ? "" : " "}`;
}
