-- One sale by hand may empty several positions, and each of them bears a part of it under the same fill of the venue. A fill of
-- an order of ours stays whole and is booked once; the parts of nobody's sale are held apart by the order that bears each.
alter table fills add column share text not null default 'whole' check (share in ('whole','part'));
drop index fills_once;
create unique index fills_once on fills (venue, account, instrument_id, venue_fill_id) where share = 'whole';
