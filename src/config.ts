/**
 * Every setting of the house, declared once. `.env.example`, `countersign.example.yaml`, the README table, `--help` and
 * every start-up error are made from these declarations; src/settings/read_config.ts reads them.
 *
 *   command line  >  environment (.env, NAME_FILE, systemd credentials)  >  countersign.yaml  >  defaults below
 *
 * Secrets and infrastructure come from the environment; how the house trades comes from countersign.yaml.
 */
import { roles } from "./core/authority.ts";
import { canonicalJson, type Hash } from "./core/canonical.ts";
import { hardLimits } from "./core/hard_limits.ts";
import { modes } from "./core/intent.ts";
import { weekdays } from "./core/local_time.ts";
import type { Notional } from "./core/money.ts";
import * as is from "./settings/fields.ts";
import { group, optional, required, section, setting } from "./settings/group.ts";

const timeframes = ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"] as const;
const botToken = (expected: string) => is.secret(/^[\w.:-]{20,200}$/, expected);

export const environmentSettings = {
  DATABASE_URL: optional(
    "PostgreSQL to use instead of the built-in one",
    is.secret(/^postgres(ql)?:\/\/\S+$/, "must begin with postgres://"),
    "postgres://user:password@127.0.0.1:5432/countersign",
  ),
  REDIS_URL: optional(
    "Redis for the job queue, for several machines; absent = PostgreSQL does it",
    is.secret(/^rediss?:\/\/\S+$/, "must begin with redis:// or rediss://"),
    "redis://127.0.0.1:6379",
  ),
  TELEGRAM_BOT_TOKEN: optional(
    "Token of your Telegram bot, from @BotFather; absent = no Telegram",
    botToken("must be the token as @BotFather shows it"),
    "123456789:your-token",
  ),
  TELEGRAM_API_ROOT: setting("Address of the Telegram Bot API", is.httpUrl(), "https://api.telegram.org"),
  DISCORD_BOT_TOKEN: optional(
    "Token of your Discord bot; absent = no Discord",
    botToken("must be the token as the developer portal shows it"),
    "your-token",
  ),
  DISCORD_API_ROOT: setting("Address of the Discord API", is.httpUrl(), "https://discord.com"),
  DISCORD_GUILD_ID: optional("Id of the one Discord server that is listened to", is.platformId(), "100000000000000001"),
  HEARTBEAT_URL: optional(
    "Address of an outside monitor (healthchecks.io or alike) that calls you when nobody reports there any more; asked every 30 s",
    is.secret(/^(https:\/\/|http:\/\/127\.0\.0\.1[:/])\S+$/, "must begin with https://"),
    "https://hc-ping.com/your-check",
  ),
  BEACON_KEY: optional(
    "Key that the house shares with a watchdog on another machine; absent = it makes one in its folder",
    is.secret(/^\S{32,200}$/, "must have 32 to 200 characters without spaces"),
    "32-characters-or-more-that-nobody-guesses",
  ),
  KUCOIN_API_KEY: optional("KuCoin key with trade right and without withdraw right", is.secret(), "your-key"),
  KUCOIN_API_SECRET: optional("Secret of that key", is.secret(), "your-secret"),
  KUCOIN_API_PASSPHRASE: optional("Passphrase of that key", is.secret(/^.+$/, "must not be empty"), "your-passphrase"),
  KUCOIN_API_ROOT: optional("Address used instead of KuCoin's own, for tests", is.httpUrl(), "http://127.0.0.1:8080"),
  ACCOUNT_BALANCE: optional("What the account holds in quote currency; live trading needs it", is.money(), "123.45"),
  ACCOUNT_BALANCE_USD: optional(
    "The same under its other name; if both are given they must agree",
    is.money(),
    "123.45",
  ),
  COUNTERSIGN_HOME: setting("Folder for the database, keys and logs", is.anyText(), ".countersign"),
  COUNTERSIGN_CONFIG: setting("The settings file", is.anyText(), "countersign.yaml"),
  LOG_LEVEL: setting("Least severe log line that is kept", is.choice(["info", "warn", "error"]), "info"),
  DESK_HOST: setting("Address that the desk listens on", is.matching(/^[\w.:-]+$/, "must be an address"), "127.0.0.1"),
  DESK_PORT: setting("Port of the desk; 0 = any free one", is.whole(0, 65_535), "7373"),
  DESK_URL: optional(
    "Address under which your phone reaches the desk, through a proxy or tunnel of yours; /dashboard links there",
    is.httpUrl(),
    "https://desk.example.net",
  ),
};

export const fileSettings = {
  mode: setting(
    "paper: practice exchange; dry_run: all but the final order; live: real money; backtest: no network",
    is.choice(modes),
    "paper",
  ),
  venue: setting("Where to trade; in paper mode the practice exchange speaks its protocol", is.houseName(), "kucoin"),
  account: setting("Your name for the account at the venue", is.houseName(), "main"),
  account_id: optional(
    "Id of the account at the venue that the key must belong to; LIVE refuses another one",
    is.anyText(),
    "12345678",
  ),
  account_shared: setting("Others trade on this account too: their orders stop no entry of ours", is.yesNo(), "false"),
  watch_list: setting("Instruments that may be traded", is.list(is.symbol()), ["BTC/USDT", "ETH/USDT", "SOL/USDT"]),
  timeframe: setting("Length of one candle", is.choice(timeframes), "1m"),
  interval: setting("Time between two looks at the market", is.duration("1s", "1d"), "1m"),
  strategies: setting(
    "What proposes trades; params are listed in src/strategies/README.md",
    is.list(
      group({
        name: required("File name of the strategy", is.houseName(), "ema_trend"),
        symbols: setting("Which of the watch list; empty = all", is.list(is.symbol()), []),
        quiet_policy: setting(
          "Its small requests while everybody who could sign has quiet hours: asked without a sound, or denied",
          is.choice(["defer", "deny"]),
          "defer",
        ),
        params: setting("Its own settings; absent ones have defaults", is.loose(), {}),
      }),
    ),
    [{ name: "always_trade_canary" }, { name: "ema_trend" }],
  ),
  risk: section("Limits on every order. What is absent is as the profile says; the tightest of all layers wins", {
    profile: setting("Set of limits to start from", is.choice(["graduation", "integration"]), "graduation"),
    usd_rate: setting(
      "How many units of the quote currency one US dollar is worth",
      is.share("0.000001", "1000000"),
      "1",
    ),
    restricted: setting("Instruments (SOL/USDT) or assets (SOL) that must never be entered", is.list(is.anyText()), []),
    risk_per_trade: optional(
      "Loss from entry to stop, with fees, as a share of equity",
      is.share("0.0001", hardLimits.riskPerTrade),
      "1%",
    ),
    position_share: optional(
      "Largest position as a share of equity",
      is.share("0.001", hardLimits.positionShare),
      "5%",
    ),
    position_notional: optional("Largest position in US dollars", is.money(), "500"),
    exposure_share: optional(
      "All positions together as a share of equity",
      is.share("0.001", hardLimits.exposureShare),
      "20%",
    ),
    asset_share: optional("One asset as a share of equity", is.share("0.001", "1"), "30%"),
    open_positions_max: optional("Positions open at once", is.whole(1, hardLimits.openPositionsMax), "3"),
    strength_min: optional("Weakest signal that is traded, 0 to 1", is.share("0", "1"), "0.10"),
    stop_distance_max: optional("Furthest stop from the entry", is.share("0.001", hardLimits.stopDistanceMax), "3%"),
    drawdown_max: optional(
      "Fall from the highest equity that halts trading",
      is.share("0.005", hardLimits.drawdownMax),
      "10%",
    ),
    daily_loss_share: optional("Loss in a UTC day that halts trading", is.share("0.001", "0.5"), "3%"),
    daily_loss_notional: optional("The same in US dollars", is.money(), "10"),
    session_loss_share: optional("Loss since the start that halts trading", is.share("0.001", "0.5"), "5%"),
    session_loss_notional: optional("The same in US dollars", is.money(), "15"),
    trades_per_minute: optional(
      "Entries within a minute stay below this",
      is.whole(1, hardLimits.tradesPerMinute),
      "10",
    ),
    orders_per_window: optional(
      "Entry orders of one instrument within a candle",
      is.whole(1, hardLimits.ordersPerWindow),
      "2",
    ),
    volatility_max: optional("Move within 24 h that halts entries", is.share("0.01", hardLimits.volatilityMax), "20%"),
    volatility_symbol: optional(
      "Instrument whose 24 h move is watched; absent = BTC if it is on the watch list, else the traded one",
      is.symbol(),
      "BTC/USDT",
    ),
    is_downtrend_guarded: optional("No long entry under a falling average", is.yesNo(), "true"),
    losing_streak_max: optional("Stops in a row that begin a cooldown", is.whole(1, 20), "3"),
    cooldown: optional("Pause on an instrument after a losing streak", is.duration("1m", "7d"), "4h"),
  }),
  approvals: section("Who is asked, and for how long an answer counts", {
    policy: setting(
      "ask: a person signs every entry; automatic: for paper and dry_run only",
      is.choice(["ask", "automatic"]),
      "ask",
    ),
    expires_after: setting("How long a question stays open; silence means no", is.duration("10s", "24h"), "5m"),
    quote_ttl: setting(
      "Greatest age of the price taken at the tap and at the order",
      is.duration("200ms", "30s"),
      "2s",
    ),
    exec_deadline: setting("An approval older than this is not executed", is.duration("1s", "60s"), "10s"),
    second_person_above: optional(
      "Orders worth more than this in US dollars take two people; absent = 1000 in live, elsewhere one is enough",
      is.money(),
      "1000",
    ),
    daily_cap: optional(
      "What one person may sign in a UTC day, in US dollars; absent = 5000 in live, elsewhere without end",
      is.money(),
      "5000",
    ),
    step_up: setting(
      "Whether large orders, resuming and loosening take a typed phrase and codes of an authenticator app; auto: in live",
      is.choice(["auto", "on", "off"]),
      "auto",
    ),
    large_above: setting(
      "Orders worth more than this in US dollars, or than 5 % of equity, are large",
      is.money(),
      "500",
    ),
    veto_from: optional(
      "With automatic approvals: orders worth this in US dollars or more are shown first, and go by themselves unless somebody says no; absent = every order goes at once",
      is.money(),
      "1000",
    ),
    veto_window: setting("How long such an order waits for a no", is.duration("2m", "24h"), "5m"),
    soft_bps: setting("A price that moved against us by more than this is asked again", is.whole(1, 1_000), "25"),
    hard_bps: setting("A price that moved against us by more than this ends the question", is.whole(1, 2_000), "75"),
  }),
  alerts: section("How people are told what is wrong; critical is told at once", {
    group_wait: setting("How long a warning waits for more of its kind", is.duration("0s", "60s"), "5s"),
    group_interval: setting("Least time between two messages of one group", is.duration("1s", "1h"), "1m"),
    repeat_critical: setting(
      "What is critical calls again after this, until somebody acknowledges it",
      is.duration("1m", "1h"),
      "5m",
    ),
    repeat_warning: setting("A warning that stands is told again after this", is.duration("5m", "24h"), "4h"),
    ack_holds: setting("How long the acknowledgement of something critical counts", is.duration("1m", "24h"), "30m"),
    start_hold: setting(
      "Right after a start only what could cost money is told; all else after this, if it still stands",
      is.duration("0s", "2m"),
      "15s",
    ),
    routes: setting(
      "Where alerts go: the first rule that fits, none = every linked chat; what could cost money unseen goes there as well",
      is.list(
        group({
          match: required(
            "label=value with commas between; labels: alert, severity, account, mode, venue, instrument, strategy, cause, scope",
            is.matching(/^[a-z]+=[^,=\s]+(,[a-z]+=[^,=\s]+)*$/, "must be label=value, with commas between several"),
            "severity=critical,strategy=ema_trend",
          ),
          chats: setting(
            "Chats as platform:id, a topic of Telegram as platform:id:topic",
            is.list(
              is.matching(
                /^(telegram:-?\d{1,20}(:\d{1,20})?|discord:\d{1,20})$/,
                "must look like telegram:-1001234567890 or discord:100000000000000001",
              ),
            ),
            [],
          ),
          people: setting("People of the list below, in their own chats", is.list(is.houseName()), []),
          go_on: setting("Whether the rules after it may add more", is.yesNo(), "false"),
        }),
      ),
      [],
    ),
  }),
  drill: section("The test alarm of each week, which somebody must acknowledge", {
    day: setting(
      "Day on which it comes, in the time zone of the first person",
      is.choice([...weekdays, "never"]),
      "saturday",
    ),
    hour: setting(
      "Hour of that day; it never comes at night, nor while something critical stands",
      is.whole(0, 20),
      "11",
    ),
    answer_within: setting("How long it may take until somebody acknowledges it", is.duration("2m", "12h"), "30m"),
  }),
  kill: section("The kill switch", {
    resume_wait: optional(
      "How long a single operator waits before trading goes on after flatten or emergency; absent = not at all in paper, else 10m",
      is.duration("0s", "24h"),
      "10m",
    ),
    flatten_on_silence: setting(
      "Whether /flatten sells when nobody answers its question for 30 s",
      is.yesNo(),
      "false",
    ),
    emergency_on_silence: setting("Whether /emergency sells when nobody answers for 30 s", is.yesNo(), "true"),
  }),
  people: setting(
    "Who may do what, and how they are recognized; /link adds people without this list",
    is.list(
      group({
        name: required("Short name, as in the audit", is.houseName(), "ana"),
        role: required(
          "viewer, operator, approver or owner; each includes the ones before it",
          is.choice(roles),
          "owner",
        ),
        time_zone: optional("Their time zone; absent = that of the house", is.timeZone(), "Europe/Berlin"),
        quiet_hours: optional(
          "When small requests and warnings make no sound for them, in their time zone; what is large or critical does",
          is.matching(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, "must look like 22:00-07:00"),
          "22:00-07:00",
        ),
        telegram: optional("Their numeric Telegram user id", is.platformId(), "123456789"),
        discord: optional("Their numeric Discord user id", is.platformId(), "100000000000000002"),
      }),
    ),
    [],
  ),
  chats: section("Group chats that are listened to besides private ones; empty = any in which a linked person writes", {
    telegram: setting("Numeric ids of Telegram chats", is.list(is.platformId()), []),
    discord: setting("Numeric ids of Discord channels", is.list(is.platformId()), []),
  }),
  time_zone: optional(
    "Time zone of the daily summary and of people without their own; absent = what the browser at their desk says, UTC before that",
    is.timeZone(),
    "Europe/Berlin",
  ),
  memory_max: setting(
    "MB of memory above which the bot ends in a quiet moment with code 75, for a supervisor to start it again; 0 = no limit",
    is.whole(0, 1_048_576),
    "0",
  ),
  starts_max: setting(
    "Starts without an orderly end within 5 minutes; with more of them nothing is opened until /resume",
    is.whole(1, 1_000),
    "3",
  ),
  summary_hour: setting("Hour of the day at which the daily summary comes", is.whole(0, 23), "8"),
  practice: section("The practice exchange of paper mode", {
    balance: setting(
      "What the practice account holds at its first start, per asset",
      is.mapOf(/^[A-Z0-9]{1,20}$/, "must be an asset in capitals, such as USDT", is.money()),
      { USDT: "10000" },
    ),
    seed: setting("Number that fixes the invented market", is.whole(0, 2_147_483_647), "1"),
    market: setting(
      "CSV files or folders of real candles to replay, or live:kucoin for a venue's public prices; empty = an invented market",
      is.list(is.anyText()),
      [],
    ),
    speed: setting("How many times faster than real time a replayed market runs", is.whole(1, 1_000_000), "1"),
  }),
};

export const environmentGroup = group(environmentSettings);
export const fileGroup = group(fileSettings);

export type Environment = ReturnType<typeof environmentGroup.parse>;
/** What countersign.yaml says, defaults filled in. */
export type FileSettings = ReturnType<typeof fileGroup.parse>;

/** What the house runs by. Durations are milliseconds, shares and money exact decimal text, secrets closed boxes. */
export type Config = FileSettings & {
  readonly environment: Environment;
  /** ACCOUNT_BALANCE or ACCOUNT_BALANCE_USD; null = not declared. */
  readonly declaredBalance: Notional | null;
  /** One cycle, then stop. */
  readonly once: boolean;
  /** Why a database that is older or another one than this house knows is meant; null = it is not. */
  readonly acceptRestoredDatabase: string | null;
  /** What was typed to arm LIVE at this start; null = nothing. */
  readonly livePhrase: string | null;
  /** The code of an owner's authenticator app that came with it; null = none. */
  readonly liveCode: string | null;
  /** Whose authenticator app is set up anew from the terminal at this start; null = nobody's. */
  readonly authenticator: string | null;
  /** Files that secrets came from, with their permission bits. */
  readonly secretFiles: readonly { readonly name: string; readonly mode: number }[];
};

/** An address that people are given. Any other may carry a password. */
const openAddresses: readonly string[] = ["DESK_URL"];

/** The names that hold secrets: the entry point deletes them (and NAME_FILE) from the environment once they are read. */
export const secretNames: readonly string[] = Object.keys(environmentSettings).filter(
  (name) => /URL$|TOKEN$|KEY$|SECRET$|PASSPHRASE$/.test(name) && !openAddresses.includes(name),
);

/**
 * One hash for everything that decides how the house trades: arming LIVE is bound to it. Secrets, people, chats, clock
 * hours and where things are stored are not in it: changing them doesn't change a single order.
 */
export function configHash(config: Config, sha256: Hash): string {
  const { environment, people, chats, timeZone, summaryHour, drill, once, practice, ...rest } = config;
  const {
    acceptRestoredDatabase,
    livePhrase,
    liveCode,
    authenticator,
    secretFiles,
    startsMax,
    memoryMax,
    ...deciding
  } = rest;
  return sha256(canonicalJson({ ...deciding, kucoinApiRoot: environment.kucoinApiRoot }));
}
