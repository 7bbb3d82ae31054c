-- expect.lua - what a scenario asserts besides registers and descriptors
--
-- Values come first, what they should be second, the reason last. A failure names the reason, what was
-- expected and what came.
local clock = require "clock"
local frames = require "frames"
local pkt = require "pkt"
local text = require "text"

local expect = {}

local function same(a, b)
  if clock.is_somewhen(a) or clock.is_somewhen(b) then clock.look() end
  if type(a) ~= "table" or type(b) ~= "table" or rawequal(a, b) then return a == b end
  if getmetatable(a) or getmetatable(b) then return a == b end
  for key, value in pairs(a) do if not same(value, b[key]) then return false end end
  for key in pairs(b) do if a[key] == nil then return false end end
  return true
end

local function is_bytes(value)
  return type(value) == "string" or pkt.is(value) or frames.is_sent(value)
end

local function why(reason) return reason and reason .. ": " or "" end

function expect.eq(got, expected, reason)
  if same(got, expected) then return got end
  if is_bytes(got) and is_bytes(expected) then return expect.bytes(got, expected, reason) end
  text.fail("%sexpected %s, got %s", why(reason), text.value(expected), text.value(got))
end

function expect.ne(got, unwanted, reason)
  if not same(got, unwanted) then return got end
  text.fail("%sexpected anything but %s", why(reason), text.value(unwanted))
end

function expect.ok(condition, reason)
  if condition then return condition end
  text.fail("%s", reason or "expected true, got " .. tostring(condition))
end

-- Byte strings, packets or frames; the failure names the header field of the first difference.
function expect.bytes(got, expected, reason)
  local a, b = tostring(got), tostring(expected)
  if a == b then return end
  text.fail("%s%s", why(reason), pkt.diff(b, a))
end

-- low <= value <= high
function expect.within(value, low, high, reason)
  if value >= low and value <= high then return value end
  text.fail("%sexpected %s to %s, got %s", why(reason), text.number(low), text.number(high), text.number(value))
end

-- Two times, at most tolerance apart.
function expect.time(got, expected, tolerance, reason)
  if math.abs(got - expected) <= (tolerance or 0) then return got end
  text.fail("%sexpected %s within %d, got %s", why(reason), text.time(expected), tolerance or 0, text.time(got))
end

-- The interrupt line now, without an access.
function expect.irq(level, reason)
  if lab.irq() == level then return end
  text.fail("%sexpected the interrupt line %s, it is %s", why(reason), level and "asserted" or "quiet",
            level and "quiet" or "asserted")
end

function expect.none(list, reason)
  if #list == 0 then return end
  local first = list[1]
  local about = is_bytes(first) and tostring(first) or type(first) == "table" and first.text or first
  text.fail("%sexpected none, got %d, the first: %s", why(reason), #list, text.value(about))
end

-- ---- frames ------------------------------------------------------------------------------------

-- A frame of nic:sent(), bytes or a packet against a pattern of pkt.match.
function expect.frame(frame, pattern, options)
  if frame == nil then text.fail("expected a frame, got none") end
  local ok, wrong = pkt.match(tostring(frame), pattern, options)
  if not ok then text.fail("frame %s", wrong) end
end

local function verify(frame)
  if frames.is_sent(frame) then return pkt.verify(frame.bytes, { fcs = frame.fcs }) end
  return pkt.verify(tostring(frame), { fcs = false })
end

-- FCS, IP and TCP or UDP checksums of one frame of nic:sent() or a list of them, worked out in Lua.
function expect.checksums_valid(list)
  if type(list) ~= "table" or is_bytes(list) then list = { list } end
  if #list == 0 then text.fail("expected frames to verify, got none") end
  for i, frame in ipairs(list) do
    local ok, wrong = verify(frame)
    if not ok then text.fail("frame %d of %d: %s", i, #list, wrong) end
  end
end

-- ---- driver mistakes and memory violations -------------------------------------------------------

local pending = {} -- mistakes seen and not yet expected

-- From outside a mistake is not seen; what the card does about it is.
local function unseen(what)
  if lab.can "events" then return false end
  lab.note("not seen from outside: " .. what)
  return true
end

local function collect()
  for _, bad in ipairs(lab.bads()) do pending[#pending + 1] = bad end
end

local function listed(bads)
  local names, count = {}, {}
  for _, bad in ipairs(bads) do
    if not count[bad.rule] then names[#names + 1] = bad.rule end
    count[bad.rule] = (count[bad.rule] or 0) + 1
  end
  for i, name in ipairs(names) do names[i] = count[name] > 1 and name .. " x" .. count[name] or name end
  return #names == 0 and "none" or table.concat(names, ", ")
end

-- Exactly count (default 1) mistakes of this rule since they were last asked for; others stay pending.
function expect.bad(rule, count)
  if unseen(rule) then return end
  collect()
  count = count or 1
  local rest, found = {}, {}
  for _, bad in ipairs(pending) do
    if bad.rule == rule then found[#found + 1] = bad else rest[#rest + 1] = bad end
  end
  if #found ~= count then
    text.fail("mistake %s: expected %d, got %d (seen: %s)", rule, count, #found, listed(pending))
  end
  pending = rest
  return found[1]
end

-- Every mistake that is pending is of one of these rules, and each of them is there, however often.
function expect.bads(rules)
  if unseen(table.concat(rules, ", ")) then return end
  collect()
  local left = {}
  for _, rule in ipairs(rules) do left[rule] = true end
  for _, bad in ipairs(pending) do
    if left[bad.rule] == nil then text.fail("a mistake that is not meant, %s: %s", bad.rule, bad.text) end
    left[bad.rule] = false
  end
  for _, rule in ipairs(rules) do
    if left[rule] then text.fail("mistake %s: expected some, got none (seen: %s)", rule, listed(pending)) end
  end
  pending = {}
end

function expect.no_bad(reason)
  if unseen("a mistake that is none") then return end
  collect()
  if #pending == 0 then return end
  text.fail("%sexpected no driver's mistake, got %s: %s", why(reason), pending[1].rule, pending[1].text)
end

local function fits(violation, pattern)
  local line = violation.text or ""
  return line:find(pattern, 1, true) or violation.why == pattern or line:find(pattern)
end

-- The near miss of a rule: what was just done comes as close to it as may be, and nothing is reported, of no rule.
function expect.silent(rule, reason)
  if unseen("a mistake that is none") then return end
  collect()
  if #pending == 0 then return end
  text.fail("%sclose to %s and no mistake, but got %s: %s", why(reason), rule, pending[1].rule, pending[1].text)
end

-- Every violation since they were last asked for contains pattern (plain text, or a Lua pattern), and
-- there is at least one, or exactly count.
function expect.violation(pattern, count)
  if not lab.can "dma" then lab.skip("needs dma, to see what a card does where it should not") end
  local list = lab.violations()
  if #list == 0 then text.fail("expected a memory violation %q, got none", pattern) end
  for _, violation in ipairs(list) do
    if not fits(violation, pattern) then
      text.fail("expected a memory violation %q, got: %s", pattern, violation.text)
    end
  end
  if count and #list ~= count then text.fail("memory violation %q: expected %d, got %d", pattern, count, #list) end
  return list[1]
end

return expect
