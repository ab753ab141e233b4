/** The settings as the flows want them: milliseconds with their unit in the name, limits as overrides of a profile. */
import { type Config, configHash } from "../config.ts";
import type { RouteRule } from "../core/alert_routes.ts";
import type { AlertTiming } from "../core/alert_timing.ts";
import { matchersIn } from "../core/alerting.ts";
import type { Hash } from "../core/canonical.ts";
import type { ConsentRules } from "../core/consent.ts";
import type { Chat } from "../core/events.ts";
import { weekdays } from "../core/local_time.ts";
import { type Notional, notional, scale } from "../core/money.ts";
import type { LimitOverrides } from "../core/profiles.ts";
import { parseQuietHours } from "../core/quiet_hours.ts";
import type { HouseSettings } from "../core/settings.ts";
import { parseDuration } from "./fields.ts";

export type Build = {
  /** Of package.json. */
  readonly version: string;
  readonly sha256: Hash;
};

export function houseSettings(config: Config, { version, sha256 }: Build): HouseSettings {
  const { approvals, risk, watchList } = config;
  const currency = watchList[0]?.split("/")[1] ?? "";
  const bitcoin = `BTC/${currency}`;
  return {
    mode: config.mode,
    version,
    configHash: configHash(config, sha256),
    venue: config.venue,
    account: config.account,
    isAccountShared: config.accountShared,
    currency,
    usdRate: risk.usdRate,
    restricted: risk.restricted,
    timeframe: config.timeframe,
    timeframeMs: parseDuration(config.timeframe) ?? 0,
    cycleMs: config.interval,
    strategies: config.strategies.map(({ name, params, symbols, quietPolicy }) => ({
      name,
      params,
      quietPolicy,
      symbols: symbols.length === 0 ? watchList : symbols,
    })),
    symbols: watchList,
    profile: risk.profile,
    overrides: overridesOf(risk),
    startsMax: config.startsMax,
    approvals: {
      policy: approvals.policy,
      expiresMs: approvals.expiresAfter,
      quoteTtlMs: approvals.quoteTtl,
      execDeadlineMs: approvals.execDeadline,
      softBps: approvals.softBps,
      hardBps: approvals.hardBps,
      isStepUp: approvals.stepUp === "on" || (approvals.stepUp === "auto" && config.mode === "live"),
      largeAbove: scale(notional(approvals.largeAbove), risk.usdRate),
      ...vetoOf(config),
      ...consentRulesOf(config),
    },
    alerts: alertsOf(config),
    routes: config.alerts.routes.map(ruleOf),
    ...drillOf(config),
    kill: {
      // A newcomer who practises must not be kept waiting; real money waits ten minutes unless the owner says otherwise.
      resumeWaitMs: config.kill.resumeWait ?? (config.mode === "paper" ? 0 : 600_000),
      flattenOnSilence: config.kill.flattenOnSilence,
      emergencyOnSilence: config.kill.emergencyOnSilence,
    },
    people: peopleOf(config),
    allowedChats: { telegram: config.chats.telegram, discord: config.chats.discord },
    discordGuildId: config.environment.discordGuildId,
    summaryHour: config.summaryHour,
    volatilitySymbol: risk.volatilitySymbol ?? (watchList.includes(bitcoin) ? bitcoin : null),
    declaredBalance: config.declaredBalance,
    pinnedAccountId: config.accountId,
  };
}

function vetoOf({ approvals, risk }: Config): Pick<HouseSettings["approvals"], "veto"> {
  const { vetoFrom, vetoWindow } = approvals;
  return vetoFrom === null ? {} : { veto: { from: scale(notional(vetoFrom), risk.usdRate), windowMs: vetoWindow } };
}

/** What one signature is worth; with play money one person is enough unless the owner says otherwise. */
function consentRulesOf({ mode, approvals, risk }: Config): ConsentRules {
  const inCurrency = (usd: string | null, otherwise: string): Notional | null => {
    const amount = usd ?? (mode === "live" ? otherwise : null);
    return amount === null ? null : scale(notional(amount), risk.usdRate);
  };
  return {
    secondPersonAbove: inCurrency(approvals.secondPersonAbove, "1000"),
    dailyCap: inCurrency(approvals.dailyCap, "5000"),
  };
}

/** null = nobody named it. */
export function zoneOf(named: string | null): { readonly timeZone: string; readonly isZoneOpen?: true } {
  return named === null ? { timeZone: "UTC", isZoneOpen: true } : { timeZone: named };
}

function peopleOf(config: Config): HouseSettings["people"] {
  return config.people.map(({ name, role, timeZone, quietHours, telegram, discord }) => ({
    personId: name,
    name,
    role,
    ...zoneOf(timeZone ?? config.timeZone),
    quietHours: quietHours === null ? null : parseQuietHours(quietHours),
    telegramUserId: telegram,
    discordUserId: discord,
  }));
}

/** Only what was given: null in the settings means "as the profile says", while null in an override would mean "no limit". */
function overridesOf({
  profile,
  usdRate,
  restricted,
  volatilitySymbol,
  cooldown,
  ...risk
}: Config["risk"]): LimitOverrides {
  const { positionNotional, dailyLossNotional, sessionLossNotional, ...shares } = risk;
  const usd = { positionNotional, dailyLossNotional, sessionLossNotional };
  return Object.fromEntries(
    [
      ...Object.entries(shares),
      ...Object.entries(usd).map(([name, amount]) => [name, amount === null ? null : { usd: amount }] as const),
      ["cooldownMs", cooldown] as const,
    ].filter(([, value]) => value !== null),
  ) as LimitOverrides;
}

function ruleOf({ match, chats, people, goOn }: Config["alerts"]["routes"][number]): RouteRule {
  const chatOf = (text: string): Chat => {
    const [platform = "", chatId = "", threadId = null] = text.split(":");
    return { platform, chatId, threadId };
  };
  return { matchers: matchersIn(match), chats: chats.map(chatOf), people, goesOn: goOn };
}

function drillOf({ drill: { day, hour, answerWithin } }: Config): Pick<HouseSettings, "drill"> {
  if (day === "never") return {};
  return { drill: { weekday: weekdays.indexOf(day), hour, ackMs: answerWithin } };
}

function alertsOf({ alerts }: Config): Partial<AlertTiming> {
  const { groupWait, groupInterval, repeatCritical, repeatWarning, ackHolds, startHold } = alerts;
  return {
    groupWaitMs: { critical: 0, warning: groupWait, info: groupWait },
    groupIntervalMs: groupInterval,
    repeatMs: { critical: repeatCritical, warning: repeatWarning, info: null },
    ackMs: { critical: ackHolds, warning: null, info: null },
    startHoldMs: startHold,
  };
}
