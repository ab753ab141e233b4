/** What the command box offers at this moment: names at once, values that only the house knows after a short rest. */
import { useEffect, useState } from "react";
import type { Hint } from "./completion.ts";
import type { Offer } from "./completion_list.tsx";
import type { DeskLine } from "./wire/line.ts";

const offersMost = 8;
const restMs = 80;

type OptionHint = Extract<Hint, { kind: "option" }>;
type Fetched = { readonly key: string; readonly values: readonly { value: string; label: string | null }[] };

export function useOffers(hint: Hint, line: DeskLine, typed: string): readonly Offer[] {
  const [fetched, setFetched] = useState<Fetched>({ key: "", values: [] });
  const asks = hint.kind === "option" && hint.option.kind !== "number";
  const [command, option, prefix] = asks ? [hint.command.name, hint.option.name, hint.prefix] : ["", "", ""];
  const key = asks ? `${command} ${option} ${prefix}` : "";
  useEffect(() => {
    if (key === "") return;
    let isGone = false;
    const timer = setTimeout(async () => {
      const values = await line.complete(command, option, prefix);
      if (!isGone) setFetched({ key, values });
    }, restMs);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [key, command, option, prefix, line]);

  if (hint.kind === "names") return nameOffers(hint, typed);
  if (hint.kind !== "option" || fetched.key !== key) return [];
  return valueOffers(hint, fetched.values);
}

function nameOffers({ matches }: Extract<Hint, { kind: "names" }>, typed: string): readonly Offer[] {
  return matches.slice(0, offersMost).map(({ name, summary, options }) => ({
    text: options.length > 0 ? `/${name} ` : `/${name}`,
    label: `/${name}`,
    aside: summary,
    isUnfinished: typed !== `/${name}`,
  }));
}

function valueOffers({ command, option, head, prefix }: OptionHint, values: Fetched["values"]): readonly Offer[] {
  const isLast = command.options.at(-1)?.name === option.name;
  return values.slice(0, offersMost).map(({ value, label }) => ({
    text: `${head}${value}${isLast ? "" : " "}`,
    label: value,
    aside: label,
    // Nothing typed yet: an option that may be left out does not hold Enter back.
    isUnfinished: prefix === "" ? option.isRequired : value !== prefix,
  }));
}
