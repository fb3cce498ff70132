-- The load of one connection pool: the same request as each client in turn would send it.
-- wrk … -s requests.lua URL -- [FILE OFFSET COUNT]
local requests = {}
local sent = 0
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  rounds = 0
  local headers = {
    ["Accept"] = "application/json",
    ["Origin"] = "https://app.example.com",
    ["User-Agent"] = "shop-client/1.0",
  }
  if args[1] == nil then
    requests[1] = wrk.format("GET", nil, headers)
    return
  end
  local file = assert(io.open(args[1], "r"))
  file:seek("set", tonumber(args[2]))
  for _ = 1, tonumber(args[3]) do
    local token = file:read("*l")
    if token == nil then break end
    headers["Authorization"] = "Bearer " .. token
    requests[#requests + 1] = wrk.format("GET", nil, headers)
  end
  file:close()
  assert(#requests > 0, "there are no tokens there")
end

function request()
  sent = sent + 1
  if sent > #requests then
    sent = 1
    rounds = rounds + 1
  end
  return requests[sent]
end

function done(summary, latency)
  local rounds = 0
  for _, thread in ipairs(threads) do rounds = math.max(rounds, thread:get("rounds")) end
  local errors = summary.errors
  io.write(string.format(
    'result {"requests":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f,"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d,"rounds":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect, errors.read, errors.write, errors.timeout, errors.status, rounds))
end
