/** The command box: quick buttons, completion while typing, arrow keys for what was typed before. */
import { useEffect, useRef, useState } from "react";
import type { CardMessage } from "../../src/adapters/desk/contract.ts";
import { type Hint, hintFor, readSentence } from "./completion.ts";
import { CompletionList, type Offer } from "./completion_list.tsx";
import { CrossIcon, SendIcon } from "./icons.tsx";
import { useHistory } from "./input_history.ts";
import { useOffers } from "./offers.ts";
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
  const { text, chosen, setChosen, isShut, setShut, field, history, change, type } = useTyped();
  const hint = hintFor(text, view.commands);
  const offers = useOffers(hint, line, text);
  const isOffering = offers.length > 0 && !isShut;
  useSlashKey(field);
  useEffect(() => {
    if (replyTo !== null) field.current?.focus();
  }, [replyTo, field]);

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
    const offer = isOffering ? (offers[chosen.index] ?? null) : null;
    const meaning = meaningOf(event, offer, chosen.isByHand, history.isBrowsing());
    if (meaning === null) return;
    event.preventDefault();
    obey(meaning, {
      take: (offer) => type(offer.text),
      send: submit,
      choose: (step) => setChosen({ index: (chosen.index + step + offers.length) % offers.length, isByHand: true }),
      remember: (step) => history.step(step, text),
      shut: () => (isOffering ? setShut(true) : onReplyDone()),
    });
  };

  return (
    <div className="border-t border-line bg-panel">
      <div className="relative mx-auto max-w-[55rem] px-3 pt-2.5 pb-3 sm:px-5 sm:pl-24">
        {isOffering && (
          <CompletionList
            id={listId}
            hint={hint}
            offers={offers}
            chosen={chosen.index}
            onChoose={(index) => setChosen({ index, isByHand: chosen.isByHand })}
            onTake={(offer) => type(offer.text)}
          />
        )}
        <QuickButtons view={view} onCommand={line.command} onType={type} />
        {replyTo !== null && <Replying to={replyTo} onCancel={onReplyDone} />}
        <Line
          {...{ field, text, replyTo, hint, isOffering, onKey }}
          chosen={chosen.index}
          onChange={change}
          onSubmit={submit}
          onFocus={(isIn) => setShut(!isIn)}
        />
      </div>
    </div>
  );
}

/** What stands in the box, which offer is lit, and whether the offers were shut by hand. */
function useTyped() {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<Choice>(firstChoice);
  const [isShut, setShut] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const history = useHistory(setText);
  const change = (next: string): void => {
    setText(next);
    setChosen(firstChoice);
    setShut(false);
    history.leave();
  };
  const type = (words: string): void => {
    change(words);
    field.current?.focus();
  };
  return { text, chosen, setChosen, isShut, setShut, field, history, change, type };
}

const listId = "command-completions";

/** `isByHand`: the arrows moved it, so Enter takes it whatever else Enter would do. */
type Choice = { readonly index: number; readonly isByHand: boolean };
const firstChoice: Choice = { index: 0, isByHand: false };

type Meaning =
  | { readonly kind: "take"; readonly offer: Offer }
  | { readonly kind: "choose" | "remember"; readonly step: 1 | -1 }
  | { readonly kind: "send" | "shut" };

/** What a key means in the box; null leaves it to the browser. */
function meaningOf(
  event: React.KeyboardEvent,
  offer: Offer | null,
  isByHand: boolean,
  isBrowsing: boolean,
): Meaning | null {
  // An input method that is composing a character owns Enter and the arrows.
  if (event.nativeEvent.isComposing) return null;
  switch (event.key) {
    case "Tab":
      return offer === null || event.shiftKey ? null : { kind: "take", offer };
    case "Enter":
      // On a half-typed name it completes; on a whole line it sends.
      return offer !== null && (offer.isUnfinished || isByHand) ? { kind: "take", offer } : { kind: "send" };
    case "ArrowUp":
    case "ArrowDown": {
      const step = event.key === "ArrowDown" ? 1 : -1;
      return { kind: offer !== null && !isBrowsing ? "choose" : "remember", step };
    }
    case "Escape":
      return { kind: "shut" };
    default:
      return null;
  }
}

type Hands = {
  take(offer: Offer): void;
  send(): void;
  choose(step: 1 | -1): void;
  remember(step: 1 | -1): void;
  shut(): void;
};

function obey(meaning: Meaning, hands: Hands): void {
  switch (meaning.kind) {
    case "take":
      hands.take(meaning.offer);
      break;
    case "choose":
    case "remember":
      hands[meaning.kind](meaning.step);
      break;
    case "send":
    case "shut":
      hands[meaning.kind]();
      break;
  }
}

type LineProps = {
  readonly field: React.RefObject<HTMLInputElement | null>;
  readonly text: string;
  readonly replyTo: CardMessage | null;
  readonly hint: Hint;
  readonly isOffering: boolean;
  readonly chosen: number;
  readonly onKey: (event: React.KeyboardEvent) => void;
  readonly onChange: (text: string) => void;
  readonly onSubmit: () => void;
  readonly onFocus: (isIn: boolean) => void;
};

function Line({ field, text, replyTo, hint, isOffering, chosen, onKey, onChange, onSubmit, onFocus }: LineProps) {
  return (
    <form
      className="flex items-center gap-2 rounded-xl border border-line-strong bg-raised pr-1.5 pl-3.5 focus-within:border-brass"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <input
        ref={field}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKey}
        onBlur={() => onFocus(false)}
        onFocus={() => onFocus(true)}
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
