-- A prompt has more buttons than yes and no: a smaller size, a rest from reminders.
alter table button_tokens drop constraint button_tokens_verb_check;
alter table button_tokens add constraint button_tokens_verb_check check (verb in ('approve','decline','smaller','later'));
