/** Turns what PostgreSQL or the file system said into one sentence that names the folder and what to do. */

const known: readonly { readonly sign: RegExp; readonly say: (folder: string) => string }[] = [
  {
    sign: /No space left on device|ENOSPC/,
    say: (folder) => `The disk that holds ${folder} is full. Free some space and start again.`,
  },
  {
    sign: /Read-only file system|EROFS/,
    say: (folder) => `${folder} is on a read-only file system. Give the state folder a writable place.`,
  },
  {
    sign: /Permission denied|EACCES|EPERM|has wrong ownership|invalid permissions/,
    say: (folder) =>
      `${folder} may not be read or written by this user. Start as the user who owns it, or give the folder to this user (chown -R).`,
  },
  {
    sign: /could not create any TCP\/IP sockets|Address already in use/,
    say: (folder) =>
      `The port for the database in ${folder} was taken by another program in the same moment. Start again.`,
  },
  {
    sign: /could not create shared memory|could not map anonymous shared memory|Cannot allocate memory/,
    say: () => "The machine has too little memory for PostgreSQL (it asks for about 40 MB).",
  },
  {
    sign: /could not look up effective user ID/,
    say: () =>
      "The user of this process has no name in /etc/passwd, which PostgreSQL demands. Add the user, or set DATABASE_URL.",
  },
  {
    sign: /error while loading shared libraries|Library not loaded/,
    say: () =>
      "PostgreSQL's libraries can't be loaded: the packages need a Linux with glibc. Set DATABASE_URL to a server of your own.",
  },
];

/** @param text everything the program wrote. @returns one line. */
export function explainFailure(text: string, folder: string): string {
  const sentence = known.find((one) => one.sign.test(text))?.say(folder);
  const said = lastLine(text);
  if (sentence === undefined) return `PostgreSQL could not use ${folder}: ${said}`;
  return `${sentence} (${said})`;
}

function lastLine(text: string): string {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return (lines.find((line) => /FATAL|PANIC|error:/.test(line)) ?? lines.at(-1) ?? "it gave no reason").slice(0, 300);
}
