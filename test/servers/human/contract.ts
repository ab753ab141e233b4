/** What the page of a pretended platform shows to the person who plays a human, and what that person can do. */
export type SeenButton = { readonly label: string; readonly style: "yes" | "no" | "plain" };

export type SeenMessage = {
  readonly id: string;
  readonly from: string;
  readonly isFromBot: boolean;
  readonly text: string;
  readonly rows: readonly (readonly SeenButton[])[];
  /** Data URLs. */
  readonly pictures: readonly string[];
  /** "edited", "only you see this": what a real client would tell as well. */
  readonly note: string | null;
  /** The bot asks for an answer to this very message. */
  readonly isForcingReply: boolean;
};

export type SeenChat = { readonly id: string; readonly name: string; readonly messages: readonly SeenMessage[] };

export type SeenCommand = { readonly name: string; readonly description: string; readonly options: readonly string[] };

/** A form that the bot opened for this person. */
export type SeenForm = {
  readonly id: string;
  readonly title: string;
  readonly fields: readonly { readonly name: string; readonly label: string; readonly hint: string }[];
};

export type HumanState = {
  readonly platform: string;
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly chats: readonly SeenChat[];
  readonly commands: readonly SeenCommand[];
  readonly forms: readonly SeenForm[];
  /** What stood over a button or instead of an answer, newest last. */
  readonly notices: readonly string[];
};

export type Act =
  | { readonly kind: "say"; readonly chatId: string; readonly text: string; readonly replyTo: string | null }
  | { readonly kind: "tap"; readonly chatId: string; readonly messageId: string; readonly label: string }
  | { readonly kind: "submit"; readonly formId: string; readonly values: Readonly<Record<string, string>> };

export type Hands = {
  state(personId: string): HumanState;
  /** @throws with a sentence for the person when a real client could not do that. */
  act(personId: string, act: Act): void;
  /** Values that the bot offers for the words typed so far; [] = none. */
  complete(personId: string, chatId: string, text: string): Promise<readonly string[]>;
};
