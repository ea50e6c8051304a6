-- wrk: POST the body of BODY_FILE with the headers of HEADER_FILE ("name: value" lines). '@SEQ@' in the body becomes a number.
local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local body = read(os.getenv("BODY_FILE"))
local headers = {}
for line in read(os.getenv("HEADER_FILE")):gmatch("[^\n]+") do
  local name, value = line:match("^([^:]+):%s*(.*)$")
  headers[name] = value
end

local numbered = body:find("@SEQ@", 1, true) ~= nil
-- No number twice, in whatever run: an event with the id of an earlier one is not stored again.
local seq = os.time() * 1000000
if numbered then
  request = function()
    seq = seq + 1
    return wrk.format("POST", nil, headers, (body:gsub("@SEQ@", string.format("%.0f", seq))))
  end
else
  wrk.method = "POST"
  wrk.body = body
  for name, value in pairs(headers) do wrk.headers[name] = value end
end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %.1f\n", summary.requests, summary.duration,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50)))
end
