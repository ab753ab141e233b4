/** The kinds of definition: where their files lie and what their list is called. Everything that is generated starts here. */

export type Kind = {
  /** As typed in `npm run new <kind> <name>`. */
  readonly kind: "command" | "job" | "strategy" | "check" | "assertion" | "alert" | "venue";
  readonly folder: string;
  /** Name of the generated list. */
  readonly list: string;
  readonly type: string;
  /** From the folder's index.ts. */
  readonly typeFrom: string;
  readonly define: string;
  /** A venue is a folder with venue.ts in it; every other definition is one file. */
  readonly isFolder: boolean;
  readonly heading: string;
};

export const kinds: readonly Kind[] = [
  {
    kind: "command",
    folder: "commands",
    list: "commands",
    type: "AnyCommand",
    typeFrom: "../src/define/command.ts",
    define: "defineCommand",
    isFolder: false,
    heading: "What people can say",
  },
  {
    kind: "job",
    folder: "jobs",
    list: "jobs",
    type: "AnyJob",
    typeFrom: "../src/define/job.ts",
    define: "defineJob",
    isFolder: false,
    heading: "What happens by itself",
  },
  {
    kind: "strategy",
    folder: "src/strategies",
    list: "strategies",
    type: "AnyStrategy",
    typeFrom: "../define/strategy.ts",
    define: "defineStrategy",
    isFolder: false,
    heading: "What proposes trades",
  },
  {
    kind: "check",
    folder: "src/checks",
    list: "checks",
    type: "AnyCheck",
    typeFrom: "../define/check.ts",
    define: "defineCheck",
    isFolder: false,
    heading: "What every order is asked",
  },
  {
    kind: "assertion",
    folder: "src/assertions",
    list: "assertions",
    type: "AssertionDefinition",
    typeFrom: "../define/assertion.ts",
    define: "defineAssertion",
    isFolder: false,
    heading: "Safety promises",
  },
  {
    kind: "alert",
    folder: "src/alerts",
    list: "alerts",
    type: "AnyAlert",
    typeFrom: "../define/alert.ts",
    define: "defineAlert",
    isFolder: false,
    heading: "What people are told unasked",
  },
  {
    kind: "venue",
    folder: "src/venues",
    list: "venues",
    type: "VenueDefinition",
    typeFrom: "../define/venue.ts",
    define: "defineVenue",
    isFolder: true,
    heading: "Where orders can go",
  },
];

/** Fits both chats, SQL and file systems. */
export const definitionName = /^[a-z][a-z0-9_]{0,31}$/;

/** "flatten_all" is exported as `flattenAll`. */
export function exportName(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}

/** Of the file, from the root of the house. */
export function definitionPath(kind: Kind, name: string): string {
  return kind.isFolder ? `${kind.folder}/${name}/venue.ts` : `${kind.folder}/${name}.ts`;
}
