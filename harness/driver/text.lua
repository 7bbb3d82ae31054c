-- text.lua - what the libraries say: misuse, failures, numbers, nearest names
--
-- A scenario that asks for something that does not exist is broken: misuse(). A device that does not
-- do what the scenario expects fails it: fail(). Both are reported at the scenario's own line.
local text = {}

-- Level 0: the scenario's line counts, not the library's.
function text.misuse(format, ...)
  error(string.format(format, ...), 0)
end

function text.fail(format, ...)
  lab.fail(string.format(format, ...))
end

-- Small numbers read best in decimal; larger ones in both notations, hexadecimal as the manual prints it.
function text.number(value)
  if math.type(value) ~= "integer" then return tostring(value) end
  if value > -10 and value < 10 then return string.format("%d", value) end
  if value < 0 then return string.format("%d", value) end
  return string.format("%d (%xh)", value, value)
end

function text.hex(value, digits)
  return string.format("%0" .. (digits or 8) .. "x", value)
end

-- A field's value in its own format, "h" so that 10h and 10 cannot be taken for each other.
function text.field(value, format)
  if format == "hex" then return string.format("%xh", value) end
  return string.format("%d", value)
end

local function is_text(bytes)
  return not bytes:find("[^\32-\126]")
end

function text.bytes(bytes, max)
  max = max or 32
  if #bytes <= max and is_text(bytes) then return string.format("%q", bytes) end
  local shown = bytes:sub(1, max):gsub(".", function(c) return string.format("%02x ", c:byte()) end)
  return string.format("%d bytes %s%s", #bytes, shown:sub(1, -2), #bytes > max and " ..." or "")
end

function text.value(value)
  local kind = type(value)
  if kind == "number" then return text.number(value) end
  if kind == "string" then return text.bytes(value) end
  if kind ~= "table" then return tostring(value) end
  local parts = {}
  for key, item in pairs(value) do
    parts[#parts + 1] = string.format("%s = %s", tostring(key), text.value(item))
  end
  table.sort(parts)
  return "{ " .. table.concat(parts, ", ") .. " }"
end

function text.time(ns)
  return string.format("%d ns", ns)
end

-- "; nearest: RCTL, TCTL" for a name that is not in the list, or nothing if none is near.
function text.nearest(name, names)
  return lab.nearest(tostring(name), names)
end

-- Options of a verb: only the names it knows, so that a typing error is not silently ignored.
function text.check_options(verb, options, known)
  local names = {}
  for name in known:gmatch("%S+") do names[name] = true end
  for key in pairs(options) do
    if type(key) == "string" and not names[key] then
      text.misuse("%s: no option %s; it takes %s", verb, key, known)
    end
  end
  return options
end

return text
