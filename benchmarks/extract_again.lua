-- Asks for numbers that are out: after the first hundred, every request is refused.
local count = 0

request = function()
  count = count % 100 + 1
  return wrk.format("POST", "/extract/" .. count)
end
