/** What the flows need to know of the configuration: parsed, bounded and complete. src/config.ts is the only way to make one. */
import type { RouteRule } from "./alert_routes.ts";
import type { AlertTiming } from "./alert_timing.ts";
import type { Role } from "./authority.ts";
import type { ConsentRules } from "./consent.ts";
import type { DrillRule } from "./drill.ts";
import type { Mode } from "./intent.ts";
import type { Notional, Ratio } from "./money.ts";
import type { LimitOverrides, ProfileName } from "./profiles.ts";
import type { QuietHours } from "./quiet_hours.ts";
import type { VetoRules } from "./veto.ts";

export type WatchedStrategy = {
  readonly name: string;
  /** Already parsed by the strategy's own schema. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly symbols: readonly string[];
  /** Small requests while everybody who could sign has quiet hours: asked without a sound, or denied. Absent = asked. */
  readonly quietPolicy?: "defer" | "deny";
};

export type HouseSettings = {
  readonly mode: Mode;
  readonly version: string;
  readonly configHash: string;
  readonly venue: string;
  readonly account: string;
  /** Others trade on this account too: their orders are counted and told, and stop no entry. Absent = no. */
  readonly isAccountShared?: boolean;
  /** Accounting currency: the quote currency of every watched instrument. */
  readonly currency: string;
  /** Units of the accounting currency that one dollar is worth. */
  readonly usdRate: Ratio;
  readonly timeframe: string;
  readonly timeframeMs: number;
  /** House time between two cycles. */
  readonly cycleMs: number;
  readonly strategies: readonly WatchedStrategy[];
  readonly symbols: readonly string[];
  /** Instruments or assets that may never be entered: SOL/USDT, SOL, kucoin:SOL/USDT. */
  readonly restricted: readonly string[];
  readonly profile: ProfileName;
  readonly overrides: LimitOverrides;
  /** Starts without an orderly end within 5 minutes above which nothing is opened; absent = not counted. */
  readonly startsMax?: number;
  readonly approvals: {
    readonly policy: "ask" | "automatic";
    readonly expiresMs: number;
    readonly quoteTtlMs: number;
    readonly execDeadlineMs: number;
    readonly softBps: number;
    readonly hardBps: number;
    /** Large orders, resuming and loosening take a phrase, and a code where it can't be undone. Absent = one tap decides. */
    readonly isStepUp?: boolean;
    /** Orders worth more, or more than 5 % of equity, are large; in the accounting currency. Absent = none is. */
    readonly largeAbove?: Notional;
    /** With automatic approvals: what waits for a no before it goes by itself. Absent = nothing waits. */
    readonly veto?: VetoRules;
  } & ConsentRules;
  /** How alerts are told; absent values are those of core/alert_timing.ts. */
  readonly alerts?: Partial<AlertTiming>;
  /** Where alerts go, the first that fits; absent or none that fits = every linked chat. */
  readonly routes?: readonly RouteRule[];
  /** The test alarm of each week; absent = it comes only when somebody asks for it. */
  readonly drill?: DrillRule;
  readonly kill: {
    /** Wait of a single operator before flatten or emergency is left; 0 = none. */
    readonly resumeWaitMs: number;
    /** Whether an unanswered question to sell is a yes after 30 s, by level. */
    readonly flattenOnSilence: boolean;
    readonly emergencyOnSilence: boolean;
  };
  readonly people: readonly {
    readonly personId: string;
    readonly name: string;
    readonly role: Role;
    readonly timeZone: string;
    /** Nobody named the zone: what the browser at their desk says is better. */
    readonly isZoneOpen?: true;
    /** When small requests and warnings make no sound for this person; absent = never. */
    readonly quietHours?: QuietHours | null;
    readonly telegramUserId: string | null;
    readonly discordUserId: string | null;
  }[];
  /** Chats in which taps and commands count besides private ones; empty = every chat that a linked person writes in. */
  readonly allowedChats: { readonly telegram: readonly string[]; readonly discord: readonly string[] };
  readonly discordGuildId: string | null;
  /** Local hour of the daily summary, in the owner's time zone. */
  readonly summaryHour: number;
  /** Instrument whose 24 h move halts entries; null = the traded instrument itself is watched (and /why says so). */
  readonly volatilitySymbol: string | null;
  /** Money that the owner says is in the account; null = not declared (allowed in PAPER only). */
  /** How late a look of once a second may come; absent = 1 s. Stories on a crowded machine allow more. */
  readonly lookLateMaxMs?: number;
  readonly declaredBalance: string | null;
  /** Account id that the key must belong to; null = the first arming pins it. */
  readonly pinnedAccountId?: string | null;
};
