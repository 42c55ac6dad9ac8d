-- Takes a number out of the set, once for each idempotency key. A script, because Valkey runs it as one step:
-- a check in one command and a change in the next would let two clients extract the same number.
--
-- KEYS[1]  hash of the set: each extracted number, and the remaining count and sum (no hash: nothing is extracted)
-- KEYS[2]  record of the idempotency key, if one came
-- ARGV     number, count and sum of the whole set, seconds to remember the record
-- returns  the number of the first request with this key, 1 if it was extracted else 0, the remaining count

local numbers, record = KEYS[1], KEYS[2]
local number, whole_count, whole_sum, seconds = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if record then
  local first = redis.call('HMGET', record, 'number', 'was_extracted', 'remaining_count')
  if first[1] then
    return { tonumber(first[1]), tonumber(first[2]), tonumber(first[3]) }
  end
end

redis.call('HSETNX', numbers, 'count', whole_count)
redis.call('HSETNX', numbers, 'sum', whole_sum)
local was_extracted = redis.call('HSETNX', numbers, number, 1)
if was_extracted == 1 then
  redis.call('HINCRBY', numbers, 'count', -1)
  redis.call('HINCRBY', numbers, 'sum', -number)
end
local remaining_count = redis.call('HGET', numbers, 'count')

if record then
  redis.call('HSET', record, 'number', number, 'was_extracted', was_extracted, 'remaining_count', remaining_count)
  redis.call('EXPIRE', record, seconds)
end
return { tonumber(number), was_extracted, tonumber(remaining_count) }
