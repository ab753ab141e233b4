import { capital } from "../core/alert_words.ts";
import { linkKey, refusalsMax, refusedLately } from "../core/books_people.ts";
import { defineAlert } from "../define/alert.ts";

export const refusedRepeatedly = defineAlert({
  name: "refused_repeatedly",
  summary: "One account was refused five times within ten minutes: somebody tries what is not theirs",
  severity: "warning",
  wakesOn: ["tap_refused"],
  foldKey({ fact, wallAt }, books) {
    const account = linkKey(fact.platform, fact.userId);
    return refusedLately(books.people, account, wallAt) >= refusalsMax ? account : null;
  },
  quietMinutes: 60,
  render({ fact }, books) {
    const name = books.people.persons[fact.personId ?? ""]?.name ?? null;
    return {
      title: name === null ? "A stranger keeps trying" : `${name} keeps trying`,
      tone: "warning",
      lines: [
        `${capital(fact.platform)} ${fact.userId} was refused ${refusalsMax} times within 10 min. Nothing was changed.`,
        name === null
          ? "They hold no power here. Block the account on the platform if it goes on."
          : `If that is not ${name}: /unlink ${fact.platform} ${fact.userId}`,
      ],
      fields: [{ name: "Newest", value: capital(fact.because) }],
      footer: null,
      chart: null,
    };
  },
});
