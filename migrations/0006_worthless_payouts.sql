-- A decided market may pay nothing: its payout is a sale at the price of 0, and has to be booked as that.
alter table fills drop constraint fills_price_check;
alter table fills add constraint fills_price_check check (price >= 0);
alter table orders drop constraint orders_limit_price_check;
alter table orders add constraint orders_limit_price_check check (limit_price >= 0);
