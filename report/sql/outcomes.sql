-- What became of the charges of each period of seven days, the newest as period 0.
select
    (%(last)s - transaction_date) / 7 as period,
    cast(sum(paid_count) as bigint) as paid,
    cast(sum(refunded_count) as bigint) as refunded,
    cast(sum(charged_back_count) as bigint) as charged_back
from daily_charge_outcomes
where transaction_date between %(first)s and %(last)s
group by 1
