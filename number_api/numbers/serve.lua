-- Serves one request in one step: counts it for its client, then does what it asks of the numbers. A script, because a
-- check in one command and a change in the next would let two clients extract the same number; and one for all, because
-- to ask Valkey twice takes twice as long.
--
-- KEYS[1]  hash of the set: each extracted number, and the remaining count and sum (no hash: nothing is extracted)
-- KEYS[2]  hash of what is remembered: each idempotency key with the number of its request and what became of it
-- KEYS[3]  sorted set of the idempotency keys, by the time when they are forgotten
-- KEYS[4]  number of requests in the client's window, which expires with the window (absent: there is no limit)
-- ARGV     what to do; how many requests the window allows, and its length in seconds; then for extract:
--          number (0 takes none: the set is only made ready to be written), count and sum of the whole set,
--          idempotency key ('' for none), seconds to remember it, how many to remember at most
-- returns  numbers and fields with a space between them, which are read quicker than a list: how many requests are in
--          the window; if they are too many, the milliseconds that the window goes on, else 0; what was asked for, unless
--          they are too many

local numbers, records, times, requests = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local function forget_and_recall(key, now)
  -- Several at a time, so that more are forgotten than come.
  for _, old in ipairs(redis.call('ZRANGEBYSCORE', times, '-inf', now, 'LIMIT', 0, 10)) do
    redis.call('ZREM', times, old)
    redis.call('HDEL', records, old)
  end
  local forgotten_at = redis.call('ZSCORE', times, key)
  if forgotten_at and tonumber(forgotten_at) > now then
    return redis.call('HGET', records, key)
  end
end

local operations = {}

function operations.count()
  return {}
end

-- The remaining count and sum; nothing when nothing is extracted.
function operations.tally()
  local tally = redis.call('HMGET', numbers, 'count', 'sum')
  return tally[1] and tally or {}
end

-- The fields of the set.
function operations.list()
  return redis.call('HKEYS', numbers)
end

function operations.reset()
  redis.call('DEL', numbers)
  return {}
end

-- The number of the first request with this idempotency key, 1 if it was extracted else 0, the remaining count.
function operations.extract(number, whole_count, whole_sum, key, seconds, most)
  local now = tonumber(redis.call('TIME')[1])
  if key ~= '' then
    local first = forget_and_recall(key, now)
    if first then
      return { first }
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
    redis.call('HSET', records, key, table.concat({ number, was_extracted, remaining_count }, ' '))
    redis.call('ZADD', times, now + seconds, key)
    if redis.call('ZCARD', times) > tonumber(most) then
      redis.call('HDEL', records, redis.call('ZPOPMIN', times)[1])
    end
  end
  return { number, was_extracted, remaining_count }
end

local operation, amount, window = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local count = 0
if requests then
  count = redis.call('INCR', requests)
  if count == 1 then
    redis.call('EXPIRE', requests, window)
  end
  if count > amount then
    return count .. ' ' .. redis.call('PTTL', requests)
  end
end
return table.concat({ count, 0, unpack(operations[operation](unpack(ARGV, 4))) }, ' ')
