/*
 * test_script.c - script.c, sandbox.c and lab.c: what a scenario can and cannot do
 */
#include "../script.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pcap.h"

Suite *script_suite(void);

static char folder[64], path[128];
static int home; /* tests may share one process: each goes back */
static struct scenario_options options;
static struct scenario_result result;

/* Libraries of its own, so that nothing here depends on the scripted driver. */
static const char prelude[] = "broken = require 'broken'\n"
                              "function open(t)\n"
                              "  t = t or {}\n"
                              "  t.name, t.manual = t.name or 'test', t.manual or { '13.4.1' }\n"
                              "  lab.scenario(t)\n"
                              "end\n"
                              "function same(a, b)\n"
                              "  if a ~= b then\n"
                              "    lab.fail('expected ' .. tostring(b) .. ', got ' .. tostring(a))\n"
                              "  end\n"
                              "end\n";
static const char broken[] = "local broken = {}\n"
                             "function broken.call() error('this library is broken') end\n"
                             "function broken.fails() lab.fail('as it was told') end\n"
                             "return broken\n";
static const char itself[] = "require 'itself'";
static const struct driver_library libraries[] = {
    {"prelude", prelude, sizeof prelude - 1},
    {"broken", broken, sizeof broken - 1},
    {"itself", itself, sizeof itself - 1},
    {NULL, NULL, 0},
};

static void setup(void)
{
    strcpy(folder, "/tmp/e1000lab-script-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    home = open(".", O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(home, 0);
    ck_assert_int_eq(chdir(folder), 0);
    strcpy(path, "test.lua");
    options = (struct scenario_options){.path = path, .out = folder, .dut = &dut_model, .seed = 1};
}

static void teardown(void)
{
    static const char *const files[] = {"test.lua", "run.trace", "wire.pcap", "coverage"};

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(files[i]);
    ck_assert_int_eq(fchdir(home), 0);
    close(home);
    rmdir(folder);
}

static enum scenario_status run(const char *script)
{
    FILE *const file = fopen("test.lua", "w");

    ck_assert_ptr_nonnull(file);
    fputs(script, file);
    fclose(file);
    script_run(&options, libraries, &result);
    return result.status;
}

static void passes(const char *script)
{
    ck_assert_msg(run(script) == SCENARIO_PASSED, "line %d: %s", result.line, result.message);
}

static void fails(const char *script, int line, const char *message)
{
    ck_assert_int_eq(run(script), SCENARIO_FAILED);
    ck_assert_str_eq(result.message, message);
    ck_assert_int_eq(result.line, line);
    ck_assert_str_eq(result.file, "test.lua");
}

static void breaks(const char *script, int line, const char *message)
{
    ck_assert_int_eq(run(script), SCENARIO_BROKEN);
    ck_assert_ptr_nonnull(strstr(result.message, message));
    ck_assert_int_eq(result.line, line);
}

static char *contents(const char *name)
{
    static char text[65536];
    FILE *const file = fopen(name, "r");
    size_t n;

    ck_assert_ptr_nonnull(file);
    n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    fclose(file);
    return text;
}

/* ---- sandbox ---- */

START_TEST(nothing_reaches_outside)
{
    passes("open()\n"
           "for _, name in ipairs { 'os', 'io', 'debug', 'package', 'load', 'loadfile', 'loadstring',\n"
           "                        'dofile', 'collectgarbage', 'warn' } do\n"
           "  same(_G[name], nil)\n"
           "end\n"
           "same(math.random, nil) same(math.randomseed, nil) same(string.dump, nil)\n");
}
END_TEST

START_TEST(no_text_holds_an_address)
{
    passes("open()\n"
           "same(tostring {}, 'table') same(tostring(print), 'function')\n"
           "same(tostring(coroutine.create(print)), 'thread')\n"
           "same(tostring(setmetatable({}, { __name = 'packet' })), 'packet')\n"
           "same(tostring(setmetatable({}, { __name = 7 })), 'table')\n"
           "same(tostring(setmetatable({}, { __tostring = function() return 'x' end })), 'x')\n"
           "same(string.format('%5s|%d|%s|%%', {}, 3, print), 'table|3|function|%')\n"
           "same(('%s'):format(nil), 'nil')\n"
           "same(pcall(string.format, '%p', {}), false)\n"
           "same(tostring(12), '12') same(tostring(nil), 'nil') same(tostring(1.5), '1.5')\n");
}
END_TEST

START_TEST(pairs_go_by_sorted_keys)
{
    passes("open()\n"
           "local function keys(t)\n"
           "  local list = {}\n"
           "  for k, v in pairs(t) do same(t[k], v) list[#list + 1] = tostring(k) end\n"
           "  return table.concat(list, ' ')\n"
           "end\n"
           "local t = { zebra = 1, apple = 2, B = 3, [10] = 4, [2] = 5, [-1] = 6, [2.5] = 7, [true] = 8,\n"
           "            [false] = 9, ['apple pie'] = 10, [{}] = 11 }\n"
           "same(keys(t):sub(1, -7), '-1 2 2.5 10 B apple apple pie zebra false true')\n"
           "same(keys {}, '')\n"
           "same(pcall(keys, { [{}] = 1, [print] = 2 }), false)\n"
           "for k in pairs(setmetatable({}, { __pairs = function() return next, { z = 1 } end })) do\n"
           "  same(k, 'z')\n"
           "end\n");
}
END_TEST

START_TEST(pairs_allow_what_next_allows)
{
    passes("open()\n"
           "local t, seen = { a = 1, b = 2, c = 3, d = 4 }, ''\n"
           "for k in pairs(t) do seen = seen .. k t[k] = nil t.c = nil end\n"
           "same(seen, 'abd') same(next(t), nil) same(next({ x = 1 }), 'x')\n"
           "local u, walk = { q = 1, [3] = 2, p = 3 }, ''\n"
           "local k, v = next(u)\n"
           "while k do walk = walk .. k .. v k, v = next(u, k) end\n"
           "same(walk, '32p3q1')\n");
}
END_TEST

START_TEST(sort_is_stable)
{
    passes("open()\n"
           "local list = {}\n"
           "for i = 1, 1000 do list[i] = { key = i * 7919 % 10, i = i } end\n"
           "table.sort(list, function(a, b) return a.key < b.key end)\n"
           "for i = 2, 1000 do\n"
           "  local a, b = list[i - 1], list[i]\n"
           "  assert(a.key < b.key or a.key == b.key and a.i < b.i)\n"
           "end\n"
           "local words = { 'c', 'a', 'b' } table.sort(words) same(table.concat(words), 'abc')\n"
           "same(pcall(table.sort, { 1, 'x' }), false)\n");
}
END_TEST

START_TEST(nothing_shows_when_garbage_is_collected)
{
    passes("open()\n"
           "same(pcall(setmetatable, {}, { __gc = function() end }), false)\n"
           "same(pcall(setmetatable, {}, { __mode = 'k' }), false)\n"
           "same(getmetatable(setmetatable({}, { __index = 1 })).__index, 1)\n");
}
END_TEST

/* The metamethod goes deep enough for any stack to move, unless it had its size before. */
START_TEST(a_chain_with_a_metamethod_keeps_its_pieces)
{
    passes("open()\n"
           "local function deep(n) return n == 0 and 0 or 1 + deep(n - 1) end\n"
           "local P = setmetatable({}, { __concat = function(a, b)\n"
           "  deep(150)\n"
           "  return (type(a) == 'table' and 'P' or a) .. (type(b) == 'table' and 'P' or b)\n"
           "end })\n"
           "local function chains()\n"
           "  local a, b, c = 'a', 'b', 'c'\n"
           "  same(a .. b .. c .. P, 'abcP')\n"
           "  same(a .. P .. b .. P .. c, 'aPbPc')\n"
           "  same(P .. a .. b .. c, 'Pabc')\n"
           "  return true\n"
           "end\n"
           "chains()\n"
           "local inside = coroutine.create(chains)\n"
           "same(select(2, coroutine.resume(inside)), true)\n"
           "same(coroutine.wrap(chains)(), true)\n");
}
END_TEST

START_TEST(require_finds_the_libraries_and_nothing_else)
{
    passes("open()\n"
           "same(require 'broken', broken)\n"
           "same(pcall(require, 'test'), false) same(pcall(require, 'itself'), false)\n"
           "same(select(2, pcall(require, 'nowhere')), 'require: there is no library \"nowhere\"')\n");
}
END_TEST

START_TEST(an_endless_loop_is_caught)
{
    options.max_steps = 100000;
    fails("open()\nlocal n = 0\nwhile true do\n  n = n + 1 end\n", 4,
          "endless loop? more than 100000 Lua instructions, now at test.lua:4");
    ck_assert_int_eq(run("open()\nwhile true do pcall(function() while true do end end) end\n"), SCENARIO_FAILED);
    ck_assert_ptr_nonnull(strstr(result.message, "endless loop?"));
    ck_assert_int_eq(run("open()\ncoroutine.wrap(function()\n  while true do end end)()\n"), SCENARIO_FAILED);
    ck_assert_ptr_nonnull(strstr(result.message, "now at test.lua:3"));
    ck_assert_int_eq(result.line, 3);
    breaks("repeat until false", 1, "endless loop?");
}
END_TEST

START_TEST(memory_has_an_end)
{
    ck_assert_int_eq(run("open() local s = ('x'):rep(1 << 30)"), SCENARIO_FAILED);
    ck_assert_ptr_nonnull(strstr(result.message, "memory"));
}
END_TEST

/* ---- errors ---- */

START_TEST(a_syntax_error_names_its_line)
{
    breaks("open()\n\nlocal = 3\n", 3, "<name> expected near '='");
    ck_assert_str_eq(result.file, "test.lua");
    breaks("\033Lua", 0, "attempt to load a binary chunk");
}
END_TEST

START_TEST(an_error_in_a_library_is_placed_in_the_scenario)
{
    fails("open()\nlocal function f()\n  broken.call()\nend\nf()\n", 3,
          "harness/driver/broken.lua:2: this library is broken");
    fails("open()\n\nbroken.fails()\n", 3, "as it was told");
    fails("open()\n\nlab.read32()\n", 3, "bad argument #1 to 'read32' (number expected, got no value)");
    fails("open()\nlocal x = nil\nx.y = 1\n", 3, "attempt to index a nil value (local 'x')");
    fails("open()\nerror { code = 3 }\n", 2, "error object is a table value");
    fails("open()\ncoroutine.wrap(function()\n  lab.fail 'inside' end)()\n", 3, "inside");
}
END_TEST

START_TEST(a_failure_tells_the_step_and_the_time)
{
    fails("open()\nlab.step 'first'\nlab.run(1000)\nlab.step 'second'\nlab.run(500)\nsame(1, 2)\n", 6,
          "expected 2, got 1");
    ck_assert_str_eq(result.step, "second");
    ck_assert_uint_eq(result.at_ns, 1500);
    ck_assert_int_eq(run("open() lab.run(1000) lab.zero() lab.run(5) lab.fail 'x'"), SCENARIO_FAILED);
    ck_assert_uint_eq(result.at_ns, 5);
}
END_TEST

START_TEST(a_failure_may_be_caught)
{
    passes("open()\n"
           "local ok, message = pcall(lab.fail, 'x')\n"
           "same(ok, false) same(message, 'test.lua:2: x')\n");
}
END_TEST

START_TEST(a_missing_file_is_named)
{
    script_run(&options, libraries, &result);
    ck_assert_int_eq(result.status, SCENARIO_BROKEN);
    ck_assert_str_eq(result.message, "cannot read test.lua: No such file or directory");
}
END_TEST

/* ---- scenario{} ---- */

START_TEST(scenario_comes_first_and_once)
{
    breaks("lab.now()", 1, "scenario{} comes first");
    breaks("local x = 1", 0, "does not call scenario{}");
    breaks("assert(#lab.regs() > 0 and #lab.phy_regs() > 0)", 0, "does not call scenario{}");
    fails("open()\nopen()", 2, "scenario{} is called a second time");
}
END_TEST

START_TEST(a_wrong_declaration_is_explained)
{
    breaks("open { name = 'other' }", 1, "name is \"other\", but the file is test.lua");
    breaks("lab.scenario { manual = { '1' } }", 1, "name is missing; it is \"test\"");
    breaks("lab.scenario { name = 'test' }", 1, "manual lists the sections");
    breaks("open { manual = { 13.4 } }", 1, "manual is a list of strings, not of a number");
    breaks("open { golden = { 'host' } }", 1, "there is no \"host\", only \"wire\"");
    breaks("open { line_rat = false }", 1, "there is no field \"line_rat\"");
    breaks("open { eeprom = { mac = 'x' } }", 1, "eeprom: there is no field \"mac\"");
    breaks("open { eeprom = { words = { 0x10000 } } }", 1, "word 00h is not a 16-bit number");
    breaks("open { eeprom = { size = 63 } }", 1, "size is 64, 256 or 0 words, not 63");
    breaks("open { powered = 1 }", 1, "powered: expected true or false, got a number");
    breaks("open { needs = { 'wings' } }", 1, "there is no \"wings\"");
}
END_TEST

START_TEST(a_declaration_fills_the_result)
{
    passes("open { manual = { '3.2.3', '13.4.17' }, golden = { 'wire' } } lab.read32(8) lab.read32(8)");
    ck_assert_str_eq(result.name, "test");
    ck_assert_str_eq(result.manual[1], "13.4.17");
    ck_assert_str_eq(result.manual[2], "");
    ck_assert_str_eq(result.pcap[0], "wire");
    ck_assert_uint_eq(result.accesses, 2);
    ck_assert_int_eq(access("wire.pcap", R_OK), 0);
}
END_TEST

START_TEST(declare_only_runs_nothing_more)
{
    options.declare_only = true;
    ck_assert_int_eq(run("pcall(open) lab.read32(8)"), SCENARIO_PASSED);
    ck_assert_str_eq(result.name, "test");
    ck_assert_uint_eq(result.accesses, 0);
    ck_assert_int_ne(access("run.trace", F_OK), 0);
}
END_TEST

START_TEST(what_the_device_lacks_is_a_reason_to_skip)
{
    struct dut_ops less = dut_model;

    less.name = "less";
    less.caps &= ~(unsigned)(DUT_POWER | DUT_EEPROM);
    options.dut = &less;
    ck_assert_int_eq(run("open { needs = { 'partner', 'eeprom' } }"), SCENARIO_SKIPPED);
    ck_assert_str_eq(result.message, "needs eeprom, which device less does not offer");
    ck_assert_int_eq(run("open() pcall(lab.power_good, false) lab.fail 'not here'"), SCENARIO_SKIPPED);
    ck_assert_str_eq(result.message, "needs power, which device less does not offer");
    passes("open() same(lab.can 'power', false) same(lab.can 'partner', true)");
    ck_assert_int_eq(run("open() lab.skip 'not today'"), SCENARIO_SKIPPED);
    ck_assert_str_eq(result.message, "not today");
}
END_TEST

/* ---- the machine ---- */

START_TEST(time_passes_only_when_asked)
{
    passes("open()\n"
           "same(lab.now(), 0) lab.read32(8) same(lab.now(), 0)\n"
           "lab.run(7) same(lab.now(), 7) lab.run_until(10) same(lab.now(), 10)\n"
           "same(pcall(lab.run_until, 9), false) same(pcall(lab.run, -1), false)\n"
           "same(lab.wait_irq(90), nil) same(lab.now(), 100) same(lab.irq(), false)\n");
}
END_TEST

START_TEST(queued_functions_run_in_order_at_their_time)
{
    passes("open()\n"
           "local log = ''\n"
           "local function add(word) return function() log = log .. word .. lab.now() .. ' ' end end\n"
           "lab.at(30, add 'c') lab.at(10, add 'a') lab.at(10, add 'b')\n"
           "lab.at(20, function() lab.at(20, add 'n') end)\n"
           "lab.at(20, coroutine.wrap(function() add 'w'() lab.read32(8) end))\n"
           "lab.run(25) same(log, 'a10 b10 w20 n20 ')\n"
           "lab.run(25) same(log, 'a10 b10 w20 n20 c30 ')\n"
           "lab.at(60, function() lab.run(1) end)\n"
           "same(pcall(lab.run, 100), false)\n"
           "lab.run(1) same(lab.now(), 61)\n"
           "same(pcall(lab.at, 3, print), false)\n");
}
END_TEST

START_TEST(an_error_in_a_queued_function_is_placed)
{
    fails("open()\nlab.at(5, function()\n  lab.fail 'there' end)\nlab.run(10)\n", 3, "there");
    ck_assert_uint_eq(result.at_ns, 5);
}
END_TEST

START_TEST(a_violation_that_nobody_takes_fails_at_its_place)
{
    static const char script[] = "open()\n"
                                 "lab.config_write(0x10, 4, 0xfebc0000)\n"
                                 "lab.config_write(4, 2, 6)\n"
                                 "lab.run(10000000)\n"
                                 "lab.step 'a ring that is not there'\n"
                                 "lab.write32(0x3800, 0x5000) lab.write32(0x3804, 0) lab.write32(0x3808, 128)\n"
                                 "lab.write32(0x3810, 0) lab.write32(0x400, 2)\n"
                                 "lab.write32(0x3818, 1) lab.run(1000)\n"
                                 "lab.step 'later'\n"
                                 "lab.run(1000)\n";
    char taken[1024];

    ck_assert_int_eq(run(script), SCENARIO_FAILED);
    ck_assert_ptr_nonnull(strstr(result.message, "bytes at 0x00005000, where nothing is mapped"));
    ck_assert_int_eq(result.line, 8);
    ck_assert_str_eq(result.step, "a ring that is not there");
    snprintf(taken, sizeof taken,
             "%slocal v = lab.violations() same(#v, 1)\n"
             "same(v[1].what, 'read') same(v[1].why, 'unmapped') same(v[1].addr, 0x5000)\n"
             "same(#lab.violations(), 0)\n"
             "same(lab.bads()[1].rule, 'dma-refused') same(#lab.bads(), 0)\n",
             script);
    passes(taken);
    options.strict = true;
    ck_assert_int_eq(run(taken), SCENARIO_FAILED);
    ck_assert_ptr_eq(strstr(result.message, "strict: 1 driver mistake"), result.message);
    ck_assert_int_eq(result.line, 8);
}
END_TEST

/* Link up, a ring of eight descriptors, one frame of 60 bytes. */
static const char one_frame[] =
    "open { golden = { 'wire' } }\n"
    "lab.config_write(0x10, 4, 0xfebc0000) lab.config_write(4, 2, 7) lab.run(10000000)\n"
    "lab.partner { autoneg = true, base_page = 0x1e0, gigabit_full = true }\n"
    "lab.write32(0, lab.read32(0) | 0x40)\n"
    "same(lab.idle(10000000000), true)\n"
    "local ring, buffer = lab.mem_alloc('txd', 128, 16, 'rw', 16), lab.mem_alloc('txbuf', 60, 1, 'r')\n"
    "local frame = string.rep('\\2', 12) .. '\\x88\\xb5' .. string.rep('x', 46)\n"
    "lab.poke(buffer, frame)\n"
    "lab.poke(ring, string.pack('<I8I4I4', buffer, 60 | 0x0b000000, 0) .. string.rep('\\0', 112))\n"
    "lab.write32(0x3800, ring) lab.write32(0x3804, 0) lab.write32(0x3808, 128)\n"
    "lab.write32(0xd0, 1) lab.write32(0x400, 2)\n"
    "lab.write32(0x3818, 1)\n"
    "assert(lab.wait_irq(1000000)) same(lab.irq(), true)\n"
    "lab.idle(1000000)\n"
    "local sent = lab.sent()\n"
    "same(#sent, 1) same(#sent[1].bytes, 64) same(sent[1].bytes:sub(1, 60), frame)\n"
    "same(sent[1].fcs, true) same(#lab.sent(), 0)\n"
    "same(lab.peek(ring + 12, 1), '\\1') assert(lab.written(ring, 16) > 0)\n"
    "lab.write32(0xc4, 500) lab.write32(0xd8, 0xffff) same(lab.irq(), false)\n";

static void expect_one_frame(void)
{
    struct pcap_reader *reader;
    const uint8_t *frame;
    uint64_t at_ns;
    size_t len;
    char why[256];

    passes(one_frame);
    ck_assert_uint_eq(result.frames_out, 1);
    ck_assert(pcap_in_open("wire.pcap", &reader, why, sizeof why));
    ck_assert_int_eq(pcap_in_next(reader, &at_ns, &frame, &len), 1);
    ck_assert_uint_eq(len, 64);
    ck_assert_int_eq(pcap_in_next(reader, &at_ns, &frame, &len), 0);
    pcap_in_close(reader);
}

START_TEST(a_frame_goes_from_memory_to_the_wire)
{
    expect_one_frame();
    ck_assert_ptr_nonnull(strstr(contents("run.trace"), "txbuf"));
}
END_TEST

static struct dut *open_silent(const char *arg, const struct machine *machine, const struct e1000_config *board,
                               char *why, size_t size)
{
    static struct machine silent;

    silent = *machine;
    silent.trace = NULL;
    return dut_model.open(arg, &silent, board, why, size);
}

START_TEST(a_device_that_reports_nothing_is_traced_from_outside)
{
    struct dut_ops ops = dut_model;

    ops.open = open_silent;
    ops.caps &= ~(unsigned)DUT_EVENTS;
    options.dut = &ops;
    options.coverage = "coverage";
    expect_one_frame();
    ck_assert_ptr_nonnull(strstr(contents("run.trace"), "cpu  wr  ITR       000001f4  INTERVAL=500\n"));
    ck_assert_ptr_nonnull(strstr(contents("run.trace"), "txbuf"));
    ck_assert_ptr_nonnull(strstr(contents("run.trace"), "wire out 64 B"));
    ck_assert_ptr_nonnull(strstr(contents("coverage"), "reg ITR 0 1 0 0 0 fffffe0b 1f4\n"));
}
END_TEST

START_TEST(memory_is_the_scripts)
{
    passes("open()\n"
           "local a = lab.mem_alloc('buf', 100, 16, 'rw', 10)\n"
           "same(a, 0x100000) same(lab.peek(a, 2), '\\xa5\\xa5')\n"
           "lab.poke(a + 98, 'xy') same(lab.peek(a + 97, 3), '\\xa5xy') same(lab.written(a, 100), 0)\n"
           "same(pcall(lab.poke, a + 99, 'xy'), false) same(pcall(lab.peek, a - 1, 1), false)\n"
           "lab.mem_name(a, 'page') lab.mem_perm(a, '') lab.mem_watch(a, 100) lab.mem_free(a)\n"
           "same(pcall(lab.mem_free, a), false)\n"
           "same(lab.mem_alloc('high', 8, 8, 'r', nil, 0x100000000), 0x100000000)\n"
           "same(pcall(lab.mem_alloc, 'x', 8, 8, 'x'), false)\n");
}
END_TEST

START_TEST(chance_depends_on_the_seed_alone)
{
    static const char script[] = "open()\n"
                                 "local t = { lab.random() < 1, lab.random(6), lab.random(-5, 5),\n"
                                 "            lab.random(math.mininteger, math.maxinteger) }\n"
                                 "assert(t[1] and t[2] >= 1 and t[2] <= 6 and t[3] >= -5 and t[3] <= 5)\n"
                                 "lab.note(t[4] .. '')\n";
    char *first;

    passes(script);
    first = strdup(contents("run.trace"));
    passes(script);
    ck_assert_str_eq(contents("run.trace"), first);
    options.seed = 2;
    passes(script);
    ck_assert_str_ne(contents("run.trace"), first);
    free(first);
}
END_TEST

START_TEST(the_trace_holds_steps_notes_and_folds)
{
    passes("open()\n"
           "lab.config_write(0x10, 4, 0xfebc0000) lab.config_write(4, 2, 7) lab.run(10000000)\n"
           "lab.step 'look'\n"
           "print('a', 1, {})\n"
           "same(select('#', lab.fold('twice', function(a, b) lab.read32(0x400) return b, a end, 1, 2)), 2)\n"
           "pcall(lab.fold, 'broken', error, 'x')\n"
           "lab.note 'end'\n");
    ck_assert_ptr_nonnull(strstr(contents("run.trace"), "@ 10000000 ns\n-- a 1 table\n"));
    ck_assert_ptr_nonnull(strstr(contents("run.trace"), "lab  fold twice   1 line  crc "));
    ck_assert_ptr_nonnull(strstr(contents("run.trace"), "lab  fold broken   0 lines  crc 00000000\n-- end\n"));
}
END_TEST

START_TEST(events_can_be_looked_back_on)
{
    passes("open()\n"
           "lab.config_write(0x10, 4, 0xfebc0000) lab.config_write(4, 2, 7) lab.run(10000000)\n"
           "lab.events()\n"
           "lab.write32(0xc4, 500) lab.config_read(0, 2) lab.read32(0xc4)\n"
           "local e = lab.events 'reg'\n"
           "same(#e, 2) same(e[1], 'cpu  wr  ITR       000001f4  INTERVAL=500')\n"
           "same(#lab.events(), 0)\n"
           "same(pcall(lab.events, 'wings'), false)\n"
           "same(lab.count(), 5)\n");
}
END_TEST

START_TEST(coverage_lists_what_was_seen)
{
    options.coverage = "coverage";
    passes("open { manual = { '13.4.18', '4.1' } }\n"
           "lab.config_write(0x10, 4, 0xfebc0000) lab.config_write(4, 2, 7) lab.run(10000000)\n"
           "lab.write32(0xc4, 0x1f4) lab.read32(0xc4)\n"
           "lab.seen('PCTRL', 0, 0xff00, 0x1100)\n"
           "lab.seen('PHY.PCTRL', 0, 0x00ff, 0x0040)\n"
           "same(pcall(lab.seen, 'PHY.ITR', 0, 1, 1), false)\n"
           "same(pcall(lab.seen, 'WINGS', 0, 1, 1), false)\n");
    ck_assert_str_eq(contents("coverage"), "reg ITR 1 1 0 fffffe0b 1f4 fffffe0b 1f4\n"
                                           "phy PCTRL 0 0 0 eebf 1140 0 0\n"
                                           "section 13.4.18\n"
                                           "section 4.1\n");
}
END_TEST

START_TEST(a_folder_that_is_missing_breaks_the_run)
{
    options.out = "no-such-folder";
    breaks("open()", 1, "cannot write no-such-folder/run.trace: No such file or directory");
    options.out = folder;
    options.coverage = "no-such-folder/coverage";
    breaks("open()", 0, "cannot write no-such-folder/coverage");
}
END_TEST

START_TEST(the_register_table_is_there_as_data)
{
    passes("local rows = {}\n"
           "for _, row in ipairs(lab.regs()) do rows[row.name] = row end\n"
           "open()\n"
           "local itr = rows.ITR\n"
           "same(itr.offset, 0xc4) same(itr.kind, 'RW') same(itr.on, 'PRS') same(itr.manual, '13.4.18')\n"
           "same(itr.count, 1) same(#itr.fields, 1) same(itr.fields[1].name, 'INTERVAL')\n"
           "same(itr.fields[1].hi, 15) same(itr.fields[1].acc, 'RW') same(itr.fields[1].fmt, 'dec')\n"
           "same(rows.MTA.count, 128) same(rows.MTA.stride, 4) same(itr.sw_keep, nil)\n"
           "same(lab.phy_regs()[1].name, 'PCTRL') same(lab.phy_regs()[1].sw_update, 0x3140)\n");
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    passes("open()\n"
           "local function bad(f, ...) same(pcall(f, ...), false) end\n"
           "bad(lab.read32, 2) bad(lab.read32, -4) bad(lab.write32, 0, 1 << 32) bad(lab.write32, 0)\n"
           "bad(lab.bar_read, 'disk', 0, 4) bad(lab.bar_read, 'mem', 0, 3) bad(lab.bar_read, 'io', 0, 8)\n"
           "bad(lab.bar_write, 'io', 0, 1, 256) bad(lab.config_read, 256, 1) bad(lab.config_write, 0, 2, 65536)\n"
           "bad(lab.frame_in, '') bad(lab.frame_in, 'x', { fsc = true }) bad(lab.frame_in, ('x'):rep(70000))\n"
           "bad(lab.partner, { speed = 10000 }) bad(lab.partner, { sped = 10 }) bad(lab.sdp, 3, true)\n"
           "bad(lab.power_good, 1) bad(lab.random, 0) bad(lab.random, 2, 1) bad(lab.dma_fail, 0, 1, -1)\n"
           "bad(lab.fold, 'x', 3) bad(lab.step) bad(lab.can, 'wings')\n");
}
END_TEST

Suite *script_suite(void)
{
    Suite *const suite = suite_create("script");
    TCase *const sandbox = tcase_create("sandbox"), *const errors = tcase_create("errors");
    TCase *const declaration = tcase_create("declaration"), *const machine = tcase_create("machine");

    tcase_add_checked_fixture(sandbox, setup, teardown);
    tcase_add_test(sandbox, nothing_reaches_outside);
    tcase_add_test(sandbox, no_text_holds_an_address);
    tcase_add_test(sandbox, pairs_go_by_sorted_keys);
    tcase_add_test(sandbox, pairs_allow_what_next_allows);
    tcase_add_test(sandbox, sort_is_stable);
    tcase_add_test(sandbox, nothing_shows_when_garbage_is_collected);
    tcase_add_test(sandbox, a_chain_with_a_metamethod_keeps_its_pieces);
    tcase_add_test(sandbox, require_finds_the_libraries_and_nothing_else);
    tcase_add_test(sandbox, an_endless_loop_is_caught);
    tcase_add_test(sandbox, memory_has_an_end);
    suite_add_tcase(suite, sandbox);

    tcase_add_checked_fixture(errors, setup, teardown);
    tcase_add_test(errors, a_syntax_error_names_its_line);
    tcase_add_test(errors, an_error_in_a_library_is_placed_in_the_scenario);
    tcase_add_test(errors, a_failure_tells_the_step_and_the_time);
    tcase_add_test(errors, a_failure_may_be_caught);
    tcase_add_test(errors, a_missing_file_is_named);
    suite_add_tcase(suite, errors);

    tcase_add_checked_fixture(declaration, setup, teardown);
    tcase_add_test(declaration, scenario_comes_first_and_once);
    tcase_add_test(declaration, a_wrong_declaration_is_explained);
    tcase_add_test(declaration, a_declaration_fills_the_result);
    tcase_add_test(declaration, declare_only_runs_nothing_more);
    tcase_add_test(declaration, what_the_device_lacks_is_a_reason_to_skip);
    suite_add_tcase(suite, declaration);

    tcase_add_checked_fixture(machine, setup, teardown);
    tcase_add_test(machine, time_passes_only_when_asked);
    tcase_add_test(machine, queued_functions_run_in_order_at_their_time);
    tcase_add_test(machine, an_error_in_a_queued_function_is_placed);
    tcase_add_test(machine, a_violation_that_nobody_takes_fails_at_its_place);
    tcase_add_test(machine, a_frame_goes_from_memory_to_the_wire);
    tcase_add_test(machine, a_device_that_reports_nothing_is_traced_from_outside);
    tcase_add_test(machine, memory_is_the_scripts);
    tcase_add_test(machine, chance_depends_on_the_seed_alone);
    tcase_add_test(machine, the_trace_holds_steps_notes_and_folds);
    tcase_add_test(machine, events_can_be_looked_back_on);
    tcase_add_test(machine, coverage_lists_what_was_seen);
    tcase_add_test(machine, a_folder_that_is_missing_breaks_the_run);
    tcase_add_test(machine, the_register_table_is_there_as_data);
    tcase_add_test(machine, wrong_arguments_are_refused);
    suite_add_tcase(suite, machine);
    return suite;
}
