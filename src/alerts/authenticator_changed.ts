import { defineAlert } from "../define/alert.ts";

export const authenticatorChanged = defineAlert({
  name: "authenticator_changed",
  summary: "A person's authenticator app was set up or replaced",
  severity: "warning",
  wakesOn: ["authenticator_confirmed"],
  foldKey: ({ seq }) => String(seq),
  quietMinutes: 0,
  render({ fact }, books) {
    const name = books.people.persons[fact.personId]?.name ?? fact.personId;
    return {
      title: `New authenticator app of ${name}`,
      tone: "warning",
      lines: [`Its codes count from now on. If that was not ${name}: /pause, and set it up anew with --authenticator.`],
      fields: [],
      footer: null,
      chart: null,
    };
  },
});
