-- What wrk asks: a random Repository (Zipf 0.9) for a random client, 70 % IPv4, 25 % IPv6, 5 % in a
-- netblock of a Host; in the form of redirects, a file of one. Arguments: form, number of Repositories, number of netblocks, seed, and a file
-- with the beginnings of addresses whose country is known.
local form, keys, netblocks
local v4, v6 = {}, {}
local sums = {}
local arches = { "x86_64", "aarch64", "ppc64le", "s390x", "source" }
local floor, random = math.floor, math.random
local thread_number = 0

function setup(thread)
   thread_number = thread_number + 1
   thread:set("number", thread_number)
end

function init(args)
   form, keys, netblocks = args[1], tonumber(args[2]), tonumber(args[3])
   math.randomseed(tonumber(args[4]) + number)
   for line in io.lines(args[5]) do
      local list = line:find(":") and v6 or v4
      list[#list + 1] = line
   end
   local sum = 0
   for rank = 1, keys do
      sum = sum + 1 / rank ^ 0.9
      sums[rank] = sum
   end
end

local function repository()
   local point, low, high = random() * sums[keys], 1, keys
   while low < high do
      local middle = floor((low + high) / 2)
      if sums[middle] < point then low = middle + 1 else high = middle end
   end
   return low - 1
end

local function address()
   local chance = random(100)
   if chance <= 70 then
      return v4[random(#v4)] .. random(0, 255) .. "." .. random(1, 254)
   elseif chance <= 95 then
      return v6[random(#v6)] .. string.format("%x::%x", random(0, 0xffff), random(1, 0xffff))
   end
   local n = random(0, netblocks - 1)
   if n % 4 == 0 then return string.format("2a0f:%x::%x", n, random(1, 0xffff)) end
   return (100 + floor(n / 250)) .. "." .. n % 250 .. "." .. n % 16 * 16 + random(0, 15) .. "."
      .. random(1, 254)
end

local targets = {
   mirrorlist = "/mirrorlist?repo=%s&arch=%s",
   metalink = "/metalink?repo=%s&arch=%s",
}
local tops = { "pub/fedora/linux", "pub/fedora-secondary" }
local file = "/%s/updates/%d/Everything/%s/os/repodata/repomd.xml"

function request()
   local n = repository()
   local release, arch = floor(n / 5), arches[n % 5 + 1]
   local target
   if form == "redirect" then
      target = string.format(file, tops[n % 2 + 1], release, arch)
   else
      target = string.format(targets[form], "updates-released-f" .. release, arch)
   end
   return "GET " .. target .. " HTTP/1.1\r\nHost: mirrors.example.org\r\nUser-Agent: libdnf\r\n"
      .. "Accept: */*\r\nX-Forwarded-For: " .. address() .. "\r\n\r\n"
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      "RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.bytes,
      latency:percentile(50), latency:percentile(99),
      errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
