-- Extracts every number in turn and puts them back after each hundred, so that nearly all requests succeed.
local count = 0

request = function()
  count = (count + 1) % 101
  if count == 0 then
    return wrk.format("POST", "/reset")
  end
  return wrk.format("POST", "/extract/" .. count)
end
