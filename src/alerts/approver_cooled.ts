import { cashText } from "../core/facts.ts";
import { wordFor } from "../core/find_person.ts";
import { isoTime } from "../core/time.ts";
import { defineAlert } from "../define/alert.ts";

export const approverCooled = defineAlert({
  name: "approver_cooled",
  summary: "One person wanted to sign more in a day than the cap allows; it may not be that person any more",
  severity: "critical",
  wakesOn: ["approver_cooled"],
  foldKey: ({ fact }) => `${fact.personId} ${fact.until}`,
  quietMinutes: 60,
  render({ fact }, books) {
    const name = books.people.persons[fact.personId]?.name ?? fact.personId;
    return {
      title: `${name} reached the daily cap`,
      tone: "critical",
      lines: [
        `${name} signed ${cashText(fact.signed, fact.currency)} today and wanted to sign more; the cap is ${cashText(fact.cap, fact.currency)}.`,
        `Until ${isoTime(fact.until).slice(0, 16).replace("T", " ")} UTC no yes of ${name} to an order counts. A no, /pause and /flatten do.`,
        `If that is not ${name}: /pause, then /people unlink ${wordFor(books.people, fact.personId)}`,
      ],
      fields: [],
      footer: `Request ${fact.approvalId}`,
      chart: null,
    };
  },
});
