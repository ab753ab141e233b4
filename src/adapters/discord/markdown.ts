/** What was plain text stays plain text in Discord: no bold, no link, no mention, no heading, no timestamp. Pure. */

/** Discord shows a backslash and any punctuation as that punctuation, so more is escaped than would be needed. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\*_~`|<>#[\]@]/g, "\\$&")
    .replace(/:(?=\/\/)/g, "\\:")
    .replace(/^([-+])(?= )/, "\\$1")
    .replace(/^(\d+)\.(?= )/, "$1\\.");
}
