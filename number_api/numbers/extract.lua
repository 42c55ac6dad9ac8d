-- Takes a number out of the set, once for each idempotency key. A script, because Valkey runs it as one step:
-- a check in one command and a change in the next would let two clients extract the same number.
--
-- KEYS[1]  hash of the set: each extracted number, and the remaining count and sum (no hash: nothing is extracted)
-- KEYS[2]  hash of what is remembered: each idempotency key with the number of its request and what became of it
-- KEYS[3]  sorted set of the idempotency keys, by the time when they are forgotten
-- ARGV     number (0 takes none: the set is only made ready to be written), count and sum of the whole set,
--          idempotency key ('' for none), seconds to remember it, how many to remember at most
-- returns  the number of the first request with this key, 1 if it was extracted else 0, the remaining count

local numbers, records, times = KEYS[1], KEYS[2], KEYS[3]
local number, whole_count, whole_sum = ARGV[1], ARGV[2], ARGV[3]
local key, seconds, most = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local now = tonumber(redis.call('TIME')[1])

if key ~= '' then
  -- Several at a time, so that more are forgotten than come.
  for _, old in ipairs(redis.call('ZRANGEBYSCORE', times, '-inf', now, 'LIMIT', 0, 10)) do
    redis.call('ZREM', times, old)
    redis.call('HDEL', records, old)
  end
  local first = redis.call('HGET', records, key)
  if first then
    local first_number, was_extracted, remaining_count = string.match(first, '(%d+) (%d+) (%d+)')
    return { tonumber(first_number), tonumber(was_extracted), tonumber(remaining_count) }
  end
end

redis.call('HSETNX', numbers, 'count', whole_count)
redis.call('HSETNX', numbers, 'sum', whole_sum)
local was_extracted = 0
if number ~= '0' then
  was_extracted = redis.call('HSETNX', numbers, number, 1)
end
if was_extracted == 1 then
  redis.call('HINCRBY', numbers, 'count', -1)
  redis.call('HINCRBY', numbers, 'sum', -number)
end
local remaining_count = redis.call('HGET', numbers, 'count')

if key ~= '' then
  redis.call('HSET', records, key, number .. ' ' .. was_extracted .. ' ' .. remaining_count)
  redis.call('ZADD', times, now + seconds, key)
  if redis.call('ZCARD', times) > most then
    redis.call('HDEL', records, redis.call('ZPOPMIN', times)[1])
  end
end
return { tonumber(number), was_extracted, tonumber(remaining_count) }
