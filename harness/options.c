/*
 * options.c - the command line: one table of subcommands, one of options
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "nearest.h"

#define DEFAULT_SEED 1
#define DEFAULT_TIMEOUT_MS 20000
#define DEFAULT_OUT "build/out"
#define DEFAULT_DUT "model"
#define DEFAULT_SOURCES "model"

struct command_info {
    const char *name, *args, *title, *text, *examples, *status;
    int args_min, args_max; /* max -1: any number */
};

/* clang-format off */
/* Every status line says which words mean 1: a script must be able to rely on it. */
static const struct command_info commands[COMMANDS] = {
    [COMMAND_RUN] =
        {"run", "[FILE | FOLDER | NAME]...", "run scenarios and compare them with their goldens",
         "Runs each scenario in a process of its own and compares its trace and frames with the\n"
         "golden ones. Without an argument: every scenario below ./scenarios. A NAME is that of a\n"
         "scenario anywhere below ./scenarios. Results come in the order of names: as TAP 14, or\n"
         "on a terminal as one line of progress and the failures in full. The last line has the\n"
         "totals.\n",
         "  e1000lab run                            all of ./scenarios\n"
         "  e1000lab run scenarios/rx -j 4          one chapter, four at a time\n"
         "  e1000lab run -v rx-vlan-itr             one scenario, trace on the terminal\n"
         "  e1000lab run --strict my-driver.lua     a driver's mistake is a failure\n"
         "  e1000lab run --twice --junit out.xml    determinism too, and a report for CI\n"
         "  e1000lab run --reload                   is all of the device in what it saves?\n"
         "  e1000lab run --dut vfio-user:exec=build/gcc-O2/e1000-vfio-user\n"
         "                                          what can be seen of a device behind a socket\n",
         "  0  everything passed or was skipped\n"
         "  1  a scenario failed, crashed or did not end; a golden is missing, damaged or different\n"
         "  2  something could not run: no such file, an error in a script, a bad option\n",
         0, -1},
    [COMMAND_DIFF] =
        {"diff", "FILE | FOLDER | NAME...", "run scenarios and print how they differ from their goldens",
         "Runs each scenario and prints a unified diff from the golden trace to this run's, and\n"
         "every frame that differs.\n",
         "  e1000lab diff rx-vlan-itr\n"
         "  e1000lab diff scenarios/tx | less\n",
         "  0  no difference\n"
         "  1  a difference, a failed scenario, or a golden that is missing or damaged\n"
         "  2  something could not run\n",
         1, -1},
    [COMMAND_GOLDEN] =
        {"golden", "FILE | FOLDER | NAME...", "run scenarios and accept what they do as golden",
         "Runs each scenario twice. If it passed by its own expectations and both runs were the\n"
         "same, its trace and frames become the golden ones, golden frames that it no longer lists\n"
         "are removed, and what changed is printed. Otherwise its goldens stay as they are.\n",
         "  e1000lab golden rx-vlan-itr\n"
         "  e1000lab golden --golden my-goldens my-driver.lua\n",
         "  0  all accepted\n"
         "  1  a scenario failed or differed between its two runs; its goldens are untouched\n"
         "  2  something could not run or be written\n",
         1, -1},
    [COMMAND_REGS] =
        {"regs", "[NAME[.FIELD] | OFFSET]...", "the register table, or all that is known of one register",
         "NAME is that of a register or PHY register in any case, with or without \"PHY.\", an\n"
         "element of an array (RAL[3]), or an offset such as 0x100. Without it: one line for each\n"
         "register.\n",
         "  e1000lab regs\n"
         "  e1000lab regs rctl\n"
         "  e1000lab regs RCTL.BSIZE\n"
         "  e1000lab regs PHY.PCTRL\n"
         "  e1000lab regs 0x2818\n"
         "  e1000lab regs --todo\n",
         "  0  printed\n"
         "  2  no such register or field\n",
         0, -1},
    [COMMAND_DECODE] =
        {"decode", "NAME VALUE", "a register value, field by field",
         "VALUE is hexadecimal: 8000004a, 0x8000004a or 8000004ah.\n",
         "  e1000lab decode RCTL 04008002\n"
         "  e1000lab decode PHY.PSTATUS 796d\n",
         "  0  printed\n"
         "  2  no such register, or not a value\n",
         2, 2},
    [COMMAND_COVERAGE] =
        {"coverage", "FOLDER", "what all scenarios have seen: register bits and sections of the manual",
         "FOLDER is one that run --coverage has filled. Prints, or writes to files, a report on every\n"
         "register (which bits were seen at 0 and at 1, and by which scenario) and one on every section\n"
         "that the model cites; then a line for each threshold, what is missing, and the totals.\n",
         "  e1000lab coverage build/coverage/scenarios\n"
         "  e1000lab coverage --waivers=coverage/waivers.txt --thresholds=coverage/thresholds \\\n"
         "                    --registers=registers.txt --manual=manual.txt build/coverage/scenarios\n",
         "  0  every threshold is met and every waiver is needed\n"
         "  1  a threshold is missed, or a waiver is stale\n"
         "  2  something could not be read or written, or is not in its form\n",
         1, 1},
    [COMMAND_REPLAY] =
        {"replay", "FILE", "live a recorded session again and print its trace",
         "FILE comes from e1000-vfio-user --record, or from run --dut model:record=FILE. The model is fed\n"
         "with all that the recorded device was: accesses, time, frames, what memory answered. The trace is\n"
         "that of the session; the bits of its EEPROM are folded. If the model reads or gives anything\n"
         "else than what was recorded, the last line says where.\n",
         "  e1000lab replay linux-boot.e1000rec\n"
         "  e1000lab replay --lint linux-boot.e1000rec\n",
         "  0  the model did the same all the way\n"
         "  1  it did something else, or the recording ends in the middle\n"
         "  2  not a recording, a damaged one, or it could not be read\n",
         1, 1},
    [COMMAND_RULES] =
        {"rules", "", "the driver mistakes that a trace reports as \"bad\"",
         "One line for each rule: name, section of the manual, what was broken and what the chip\n"
         "does then. Under run --strict each of them fails the scenario.\n",
         "  e1000lab rules\n",
         "  0  printed\n",
         0, 0},
    [COMMAND_HELP] =
        {"help", "[COMMAND]", "this list, or the help of one command", "",
         "  e1000lab help run\n",
         "  0  printed\n"
         "  2  no such command\n",
         0, 1},
    [COMMAND_VERSION] =
        {"version", "", "the version of this program", "",
         "  e1000lab version\n",
         "  0  printed\n",
         0, 0},
};
/* clang-format on */

enum {
    OPTION_FIRST = 256, /* beyond every letter */
    OPTION_LIST,
    OPTION_MATCH,
    OPTION_STRICT,
    OPTION_QUICK,
    OPTION_SEED,
    OPTION_TIMEOUT,
    OPTION_TWICE,
    OPTION_RELOAD,
    OPTION_NO_GOLDEN,
    OPTION_GOLDEN,
    OPTION_OUT,
    OPTION_COVERAGE,
    OPTION_JUNIT,
    OPTION_DUT,
    OPTION_SHOW,
    OPTION_UNFOLD,
    OPTION_FORMAT,
    OPTION_TODO,
    OPTION_WAIVERS,
    OPTION_THRESHOLDS,
    OPTION_REGISTERS,
    OPTION_MANUAL,
    OPTION_SOURCES,
    OPTION_TRACE,
    OPTION_LINT,
};

#define RUN (1u << COMMAND_RUN)
#define DIFF (1u << COMMAND_DIFF)
#define GOLDEN (1u << COMMAND_GOLDEN)
#define SCENARIOS (RUN | DIFF | GOLDEN)
#define COVERAGE (1u << COMMAND_COVERAGE)
#define REPLAY (1u << COMMAND_REPLAY)

struct option_info {
    int id; /* a letter, or OPTION_ */
    const char *name, *arg, *text;
    unsigned commands; /* that take it */
};

/* clang-format off */
static const struct option_info infos[] = {
    {'j', "jobs", "N", "run N scenarios at a time (default: one for each processor)", SCENARIOS},
    {'v', "verbose", NULL, "name what passed, too; with one file, print its trace (--show)", RUN},
    {OPTION_LIST, "list", NULL, "print names, paths and sections; run nothing", RUN},
    {OPTION_MATCH, "match", "PATTERN", "only names that match a glob, or contain PATTERN", SCENARIOS},
    {OPTION_STRICT, "strict", NULL, "a driver's mistake fails the scenario", RUN | DIFF},
    {OPTION_QUICK, "quick", NULL, "leave out scenarios that call themselves long", RUN},
    {OPTION_TWICE, "twice", NULL, "run each twice; both must be the same, byte for byte", RUN},
    {OPTION_RELOAD, "reload", NULL, "save and reload the device at every event; goldens stay the same", RUN | DIFF},
    {OPTION_SEED, "seed", "N", "seed of the scripts' lab.random (default 1)", RUN | DIFF},
    {OPTION_TIMEOUT, "timeout", "SECONDS", "time for each run (default 20; 0: no limit)", SCENARIOS},
    {OPTION_NO_GOLDEN, "no-golden", NULL, "only the script's own expectations", RUN},
    {OPTION_GOLDEN, "golden", "FOLDER", "where goldens are (default: scenarios/ becomes golden/)",
     SCENARIOS},
    {OPTION_OUT, "out", "FOLDER", "where runs write (default " DEFAULT_OUT ")", SCENARIOS},
    {OPTION_COVERAGE, "coverage", "FOLDER", "write which registers each scenario saw", RUN},
    {OPTION_JUNIT, "junit", "FILE", "write a JUnit report", RUN},
    {OPTION_DUT, "dut", "NAME[:ARG]", "device under test (default " DEFAULT_DUT "); a server: vfio-user:PATH, vfio-user:exec=COMMAND", SCENARIOS},
    {OPTION_SHOW, "show", NULL, "print traces on standard output, one scenario at a time", RUN},
    {OPTION_UNFOLD, "unfold", NULL, "every line of a folded poll; compares no goldens", RUN | REPLAY},
    {OPTION_FORMAT, "format", "FORMAT", "tap or text (default: text on a terminal)", RUN},
    {OPTION_TODO, "todo", NULL, "only registers whose behaviour is not modelled yet",
     1u << COMMAND_REGS},
    {OPTION_WAIVERS, "waivers", "FILE", "bits that need not be seen, each with a reason", COVERAGE},
    {OPTION_THRESHOLDS, "thresholds", "FILE", "what has to be reached (default: nothing)", COVERAGE},
    {OPTION_REGISTERS, "registers", "FILE", "write the report on registers here", COVERAGE},
    {OPTION_MANUAL, "manual", "FILE", "write the report on sections here", COVERAGE},
    {OPTION_SOURCES, "sources", "FOLDER", "where the sources are that cite them (default model)", COVERAGE},
    {OPTION_TRACE, "trace", "FILE", "write the trace here", REPLAY},
    {OPTION_LINT, "lint", NULL, "no trace: the driver's mistakes, how often and by which section", REPLAY},
    {'h', "help", NULL, "print this help", (1u << COMMANDS) - 1},
};
/* clang-format on */
#define INFOS (sizeof infos / sizeof *infos)

/* ---- help ------------------------------------------------------------------------------------ */

void options_help(FILE *to)
{
    fputs("usage: e1000lab COMMAND [OPTION]... [ARGUMENT]...\n\n"
          "The conformance laboratory of an Intel 82540EM: runs scenarios, Lua scripts that play the\n"
          "driver, against a model of the device and compares each with its golden trace.\n\n"
          "commands:\n",
          to);
    for (int i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-8s  %s\n", commands[i].name, commands[i].title);
    fputs("\nexamples:\n"
          "  e1000lab run                     every scenario below ./scenarios\n"
          "  e1000lab run -v rx-vlan-itr      one scenario, with its trace\n"
          "  e1000lab regs rctl               what there is to know about RCTL\n\n"
          "exit status:\n"
          "  0  passed\n"
          "  1  failed\n"
          "  2  could not run\n\n"
          "e1000lab COMMAND --help has the options of each command.\n",
          to);
}

static void print_options(FILE *to, enum command command)
{
    for (size_t i = 0; i < INFOS; i++) {
        char left[40];

        if ((infos[i].commands >> command & 1) == 0)
            continue;
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", infos[i].id < OPTION_FIRST ? '-' : ' ',
                 infos[i].id < OPTION_FIRST ? infos[i].id : ' ', infos[i].id < OPTION_FIRST ? "," : " ", infos[i].name,
                 infos[i].arg ? "=" : "", infos[i].arg ? infos[i].arg : "");
        fprintf(to, "  %-24s  %s\n", left, infos[i].text);
    }
}

void options_command_help(FILE *to, enum command command)
{
    const struct command_info *const info = &commands[command];

    fprintf(to, "usage: e1000lab %s [OPTION]...%s%s\n\n%s%s", info->name, info->args[0] != '\0' ? " " : "", info->args,
            info->text, info->text[0] != '\0' ? "\n" : "");
    fputs("options:\n", to);
    print_options(to, command);
    fprintf(to, "\nexamples:\n%s\nexit status:\n%s", info->examples, info->status);
}

/* ---- parsing --------------------------------------------------------------------------------- */

bool options_command(const char *name, enum command *command, char *why, size_t size)
{
    struct nearest near;
    char text[128];

    nearest_start(&near, name);
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            *command = (enum command)i;
            return true;
        }
        nearest_offer(&near, commands[i].name);
    }
    snprintf(why, size, "there is no command \"%s\"%s; e1000lab help lists them", name,
             nearest_text(&near, text, sizeof text));
    return false;
}

static const struct option_info *info_of(int id)
{
    for (size_t i = 0; i < INFOS; i++)
        if (infos[i].id == id)
            return &infos[i];
    return NULL;
}

/* An option that the command does not have: perhaps another has it, perhaps it is mistyped. */
static void unknown_option(enum command command, const char *word, int letter, char *why, size_t size)
{
    struct nearest near;
    char text[128], name[64], names[INFOS][32];

    if (letter != 0)
        snprintf(name, sizeof name, "-%c", letter);
    else
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    nearest_start(&near, name);
    for (size_t i = 0; i < INFOS; i++) {
        const bool taken = infos[i].commands >> command & 1;

        snprintf(names[i], sizeof names[i], "--%s", infos[i].name);
        if (!taken && (letter != 0 ? infos[i].id == letter : strcmp(name, names[i]) == 0)) {
            snprintf(why, size, "%s is no option of \"e1000lab %s\"; see e1000lab %s --help", name,
                     commands[command].name, commands[command].name);
            return;
        }
        if (taken && letter == 0)
            nearest_offer(&near, names[i]);
    }
    snprintf(why, size, "unknown option %s%s; see e1000lab %s --help", name, nearest_text(&near, text, sizeof text),
             commands[command].name);
}

/* A beginning that more than one option has. */
static bool ambiguous_option(enum command command, const char *word, char *why, size_t size)
{
    const size_t len = strcspn(word, "=");
    size_t used;
    int found = 0;

    if (len <= 2)
        return false;
    used = (size_t)snprintf(why, size, "option %.*s can be", (int)len, word);
    for (size_t i = 0; i < INFOS; i++)
        if ((infos[i].commands >> command & 1) && used < size && strncmp(infos[i].name, word + 2, len - 2) == 0)
            used += (size_t)snprintf(why + used, size - used, "%s --%s", found++ == 0 ? "" : " or", infos[i].name);
    return found > 1;
}

/* A whole number up to max; digits only, or 0x and hexadecimal ones. */
static bool number(const char *text, uint64_t max, uint64_t *to)
{
    char *end;
    unsigned long long value;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    value = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
    *to = value;
    return errno == 0 && *end == '\0' && value <= max;
}

/* "20" or "0.5" */
static bool milliseconds(const char *text, uint64_t *to)
{
    char whole[16];
    const size_t len = strcspn(text, ".");
    uint64_t value, part = 0;

    if (len >= sizeof whole)
        return false;
    memcpy(whole, text, len);
    whole[len] = '\0';
    if (!number(whole, 1000000, &value))
        return false;
    if (text[len] == '.') {
        char digits[4] = "000";
        const size_t n = strlen(text + len + 1);

        if (n == 0 || n > 3)
            return false;
        memcpy(digits, text + len + 1, n);
        if (strspn(digits, "0123456789") != 3 || !number(digits, 999, &part))
            return false;
    }
    *to = value * 1000 + part;
    return true;
}

/* A folder or file name that is empty would quietly mean the root or the current folder. */
static bool path_option(const char *arg, const char **to)
{
    *to = arg;
    return arg[0] != '\0';
}

static bool take_option(struct options *o, int id, const char *arg)
{
    struct run_options *const run = &o->run;
    uint64_t value;

    /* clang-format off */
    switch (id) {
    case 'h': o->help = true; return true;
    case 'v': run->verbose = true; return true;
    case 'j':
        if (!number(arg, 1024, &value) || value == 0)
            return false;
        run->jobs = (unsigned)value;
        return true;
    case OPTION_LIST: run->mode = RUN_LIST; return true;
    case OPTION_MATCH: return path_option(arg, &run->match);
    case OPTION_STRICT: run->strict = true; return true;
    case OPTION_QUICK: run->quick = true; return true;
    case OPTION_TWICE: run->twice = true; return true;
    case OPTION_RELOAD: run->reload = true; return true;
    case OPTION_SEED: return number(arg, UINT64_MAX, &run->seed);
    case OPTION_TIMEOUT: return milliseconds(arg, &run->timeout_ms);
    case OPTION_NO_GOLDEN: run->no_golden = true; return true;
    case OPTION_GOLDEN: return path_option(arg, &run->golden);
    case OPTION_OUT: return path_option(arg, &run->out);
    case OPTION_COVERAGE: return path_option(arg, &run->coverage);
    case OPTION_JUNIT: return path_option(arg, &run->junit);
    case OPTION_DUT: return path_option(arg, &run->dut);
    case OPTION_SHOW: run->show = true; return true;
    case OPTION_UNFOLD: run->unfold = o->replay.unfold = true; return true;
    case OPTION_TRACE: return path_option(arg, &o->replay.trace);
    case OPTION_LINT: o->replay.lint = true; return true;
    case OPTION_TODO: o->todo = true; return true;
    case OPTION_WAIVERS: return path_option(arg, &o->coverage.waivers);
    case OPTION_THRESHOLDS: return path_option(arg, &o->coverage.thresholds);
    case OPTION_REGISTERS: return path_option(arg, &o->coverage.registers);
    case OPTION_MANUAL: return path_option(arg, &o->coverage.manual);
    case OPTION_SOURCES: return path_option(arg, &o->coverage.sources);
    case OPTION_FORMAT:
        run->format = strcmp(arg, "tap") == 0 ? RUN_TAP : RUN_TEXT;
        return strcmp(arg, "tap") == 0 || strcmp(arg, "text") == 0;
    default: return false;
    }
    /* clang-format on */
}

/* The table in getopt's form, only the options of this command. */
static void getopt_table(enum command command, struct option *longs, char *shorts)
{
    size_t n = 0;

    *shorts++ = ':'; /* getopt: keep silent, and tell a missing argument from an unknown option */
    for (size_t i = 0; i < INFOS; i++) {
        if ((infos[i].commands >> command & 1) == 0)
            continue;
        longs[n++] = (struct option){infos[i].name, infos[i].arg ? required_argument : no_argument, NULL, infos[i].id};
        if (infos[i].id < OPTION_FIRST) {
            *shorts++ = (char)infos[i].id;
            if (infos[i].arg != NULL)
                *shorts++ = ':';
        }
    }
    *shorts = '\0';
    longs[n] = (struct option){0};
}

static bool parse_command_options(struct options *o, int argc, char **argv, char *why, size_t size)
{
    struct option longs[INFOS + 1];
    char shorts[2 * INFOS + 2];
    const struct option_info *info;
    int id;

    getopt_table(o->command, longs, shorts);
    optind = 0; /* start afresh: a program may parse more than one line */
    while ((id = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        const char *const word = argv[optind - 1];

        if (id == ':') {
            info = info_of(optopt);
            snprintf(why, size, "option --%s needs %s", info != NULL ? info->name : "?",
                     info != NULL ? info->arg : "an argument");
            return false;
        }
        if (id == '?') {
            info = optopt == 0 ? NULL : info_of(optopt);
            if (info != NULL && (info->commands >> o->command & 1))
                snprintf(why, size, "option --%s takes no value", info->name);
            else if (optopt != 0 || !ambiguous_option(o->command, word, why, size))
                unknown_option(o->command, word, optopt, why, size);
            return false;
        }
        if (!take_option(o, id, optarg)) {
            info = info_of(id);
            snprintf(why, size, "option --%s=%s cannot be \"%s\": %s", info->name, info->arg, optarg, info->text);
            return false;
        }
    }
    o->args = argv + optind;
    o->arg_count = argc - optind;
    return true;
}

static bool check_arguments(const struct options *o, char *why, size_t size)
{
    const struct command_info *const info = &commands[o->command];

    if (o->help)
        return true;
    if (o->arg_count < info->args_min || (info->args_max >= 0 && o->arg_count > info->args_max)) {
        snprintf(why, size, "usage: e1000lab %s [OPTION]...%s%s; see e1000lab %s --help", info->name,
                 info->args[0] != '\0' ? " " : "", info->args, info->name);
        return false;
    }
    return true;
}

bool options_parse(int argc, char **argv, struct options *options, char *why, size_t size)
{
    static const enum run_mode modes[] = {
        [COMMAND_RUN] = RUN_TEST, [COMMAND_DIFF] = RUN_DIFF, [COMMAND_GOLDEN] = RUN_ACCEPT};

    memset(options, 0, sizeof *options);
    options->run.seed = DEFAULT_SEED;
    options->run.timeout_ms = DEFAULT_TIMEOUT_MS;
    options->run.out = DEFAULT_OUT;
    options->run.dut = DEFAULT_DUT;
    options->coverage.sources = DEFAULT_SOURCES;

    if (argc < 2) {
        snprintf(why, size, "which command? e1000lab help lists them");
        return false;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        options->command = COMMAND_HELP;
        return true;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        options->command = COMMAND_VERSION;
        return true;
    }
    if (argv[1][0] == '-' && argv[1][1] != '\0') {
        snprintf(why, size,
                 "unknown option %s before the command; "
                 "use e1000lab COMMAND [OPTION]..., or --help, or --version",
                 argv[1]);
        return false;
    }
    if (!options_command(argv[1], &options->command, why, size))
        return false;
    if (options->command <= COMMAND_GOLDEN)
        options->run.mode = modes[options->command];
    return parse_command_options(options, argc - 1, argv + 1, why, size) && check_arguments(options, why, size);
}
