/** Numbers and times as people read them. Money stays text: it is grouped and cut, never turned into a float. */

const minus = "−";

/** ("10184.2", 2) is "10,184.20". Cut, never rounded up. */
export function showAmount(text: string, places: number): string {
  const isNegative = text.startsWith("-");
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const cut = fraction.slice(0, places).padEnd(places, "0");
  const isZero = !/[1-9]/.test(whole + cut);
  return `${isNegative && !isZero ? minus : ""}${grouped}${places > 0 ? `.${cut}` : ""}`;
}

/** With its sign, also when it is a gain: "+42.18". */
export function showChange(text: string, places: number): string {
  const shown = showAmount(text, places);
  return shown.startsWith(minus) || !/[1-9]/.test(shown) ? shown : `+${shown}`;
}

/** A price with its own digits, grouped: "97412.5" is "97,412.5". */
export function showPrice(text: string): string {
  return showAmount(text, text.split(".")[1]?.length ?? 0);
}

/** A share as percent: ("0.0042", 2) is "0.42 %". */
export function showPercent(text: string, places = 2): string {
  return `${(Number(text) * 100).toFixed(places).replace("-", minus)} %`;
}

export function showPercentChange(text: string, places = 2): string {
  const shown = showPercent(text, places);
  return Number(text) > 0 && /[1-9]/.test(shown) ? `+${shown}` : shown;
}

export type Trend = "up" | "down" | "flat";
export function trendOf(text: string | null): Trend {
  const value = Number(text ?? 0);
  return value > 0 ? "up" : value < 0 ? "down" : "flat";
}

const two = (value: number): string => String(value).padStart(2, "0");

/** "14:03:22" in the time zone of this device. */
export function localTime(ms: number, withSeconds = true): string {
  const date = new Date(ms);
  const shown = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return withSeconds ? `${shown}:${two(date.getSeconds())}` : shown;
}

/** "13:03:22Z". */
export function utcTime(ms: number, withSeconds = true): string {
  return `${new Date(ms).toISOString().slice(11, withSeconds ? 19 : 16)}Z`;
}

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/** "6 February" in the time zone of this device. */
export function localDay(ms: number): string {
  const date = new Date(ms);
  return `${date.getDate()} ${months[date.getMonth()] ?? ""}`;
}

/** What is left of a wait: "4:09", "1:04:09"; "0:00" when it is over. */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** How long something has lasted: "40 s", "21 min", "1 h 30 min", "3 d". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** "496.80 USDT (4.88 % of equity)" as the amount and what explains it. */
export function splitValue(value: string): { main: string; aside: string | null } {
  const found = /^(.*\S)\s+(\([^()]*\))$/.exec(value);
  return found?.[1] === undefined ? { main: value, aside: null } : { main: found[1], aside: found[2] ?? null };
}
