-- The stations of an order, from the facts themselves. All are wall time of the house; t_wire_* and t_answered were measured
-- from the arming by the monotonic clock, and stand where the sender could tell. null = it did not come to that.
create view order_times as
select orders.client_order_id, orders.trade_id, orders.leg, orders.mode,
  'wall clock of ' || intended.host || ', ms' as clock,
  signal.wall_at as t_signal,
  (select min(wall_at) from events where trade_id = orders.trade_id and kind = 'approval_requested'
      and body ->> 'approvalId' = orders.approval_id) as t_proposed,
  (select min(wall_at) from events where trade_id = orders.trade_id and kind = 'approval_settled'
      and body ->> 'approvalId' = orders.approval_id and body ->> 'to' = 'approved') as t_approved,
  intended.wall_at as t_tx1,
  armed.wall_at as t_tx2,
  armed.wall_at + (answered.body -> 'wire' ->> 'firstByteMs')::numeric * interval '1 millisecond' as t_wire_first_byte,
  armed.wall_at + (answered.body -> 'wire' ->> 'doneMs')::numeric * interval '1 millisecond' as t_wire_done,
  armed.wall_at + (answered.body ->> 'latencyMs')::numeric * interval '1 millisecond' as t_answered,
  answered.wall_at as t_ack,
  (select min(events.wall_at) from fills join events on events.seq = fills.seq
    where fills.client_order_id = orders.client_order_id) as t_first_fill,
  case orders.leg
    when 'protect' then answered.wall_at
    when 'entry' then (select min(wall_at) from events where trade_id = orders.trade_id and seq > intended.seq
      and (kind = 'position_protected' and body ->> 'protection' in ('placed', 'local_guard')
           or kind = 'order_acknowledged' and body ->> 'clientOrderId' in
              (select client_order_id from orders protect where protect.trade_id = orders.trade_id and protect.leg = 'protect')))
  end as t_protected
from orders
left join lateral (select * from events where trade_id = orders.trade_id and kind = 'order_intended'
  and body ->> 'clientOrderId' = orders.client_order_id order by seq limit 1) intended on true
left join lateral (select * from events where trade_id = orders.trade_id and kind = 'order_sending'
  and body ->> 'clientOrderId' = orders.client_order_id order by seq limit 1) armed on true
left join lateral (select * from events where trade_id = orders.trade_id and kind in ('order_acknowledged', 'order_found')
  and body ->> 'clientOrderId' = orders.client_order_id order by seq limit 1) answered on true
left join signals on signals.signal_id = intended.body -> 'intent' ->> 'signalId'
left join events signal on signal.seq = signals.seq;
