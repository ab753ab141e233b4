import { wordFor } from "../core/find_person.ts";
import { isoTime } from "../core/time.ts";
import { defineAlert } from "../define/alert.ts";

export const authenticatorLocked = defineAlert({
  name: "authenticator_locked",
  summary: "Too many wrong codes of one person's authenticator app; somebody may be guessing",
  severity: "critical",
  wakesOn: ["authenticator_locked"],
  foldKey: ({ fact }) => fact.personId,
  quietMinutes: 15,
  render({ fact }, books) {
    const name = books.people.persons[fact.personId]?.name ?? fact.personId;
    return {
      title: `Wrong codes of ${name}`,
      tone: "critical",
      lines: [
        `${fact.wrong} wrong codes within a quarter of an hour. None counts until ${isoTime(fact.until).slice(11, 16)} UTC.`,
        "A no, /pause and /flatten count as ever.",
        `If that was not ${name}: /pause, then /people unlink ${wordFor(books.people, fact.personId)}`,
      ],
      fields: [],
      footer: null,
      chart: null,
    };
  },
});
