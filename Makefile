# e1000lab - build, check, measure. `make help` lists the targets.
#
# Every kind of build has its own folder under build/, named after what differs: the compiler, SAN=1,
# the optimisation. Libraries come from pkg-config; `make deps` installs what is missing.

# `make deps check`: everything else waits until deps is through, in a make that sees what it installed.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
OTHERS := $(filter-out deps,$(MAKECMDGOALS))
.PHONY: deps $(OTHERS)
deps: ## install what is missing (Debian, Ubuntu; as root or by sudo)
	@sh .ci/deps
$(OTHERS): deps
	+@$(if $(filter $@,$(firstword $(OTHERS))),MAKELEVEL=0 $(MAKE) --no-print-directory $(OTHERS),:)
else

VERSION := 0.1.0
CC ?= gcc
ifeq ($(origin CC),default)
CC := gcc
endif
OPT ?= -O2
ifdef COV
override OPT := -O0
endif
AR ?= ar
OBJCOPY ?= objcopy
PREFIX ?= /usr/local
PKG_CONFIG ?= pkg-config

ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif

KIND := $(notdir $(firstword $(CC)))$(OPT)$(if $(SAN),-san)$(if $(COV),-cov)$(if $(FUZZ),-fuzz)
B := build/$(KIND)

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
ifdef SAN
KINDFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
VU_DEFINES += -DSANDBOX_NO_FILTER
endif
ifdef COV
KINDFLAGS += --coverage
VU_DEFINES += -DSANDBOX_NO_FILTER
endif
ifdef FUZZ
KINDFLAGS += -fsanitize=fuzzer-no-link,address,undefined -fsanitize-coverage-ignorelist=model/fuzz/uncovered.txt \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif
CFLAGS ?= -g
ALL_CFLAGS = -std=c11 $(OPT) $(WARN) $(KINDFLAGS) $(CFLAGS) -MMD -MP
MODEL_CFLAGS = $(ALL_CFLAGS) -ffreestanding -fPIC
HARNESS_NEEDS := $(shell $(PKG_CONFIG) --cflags lua5.4 libpcap 2>/dev/null)
HARNESS_CFLAGS = $(ALL_CFLAGS) -D_XOPEN_SOURCE=700 -DE1000LAB_VERSION='"$(VERSION)"' $(HARNESS_NEEDS)
HARNESS_LIBS := $(shell $(PKG_CONFIG) --libs lua5.4 libpcap 2>/dev/null) -lm
VU_NEEDS := json-c libseccomp libpcap
VU_FLAGS := $(shell $(PKG_CONFIG) --cflags $(VU_NEEDS) 2>/dev/null)
VU_CFLAGS = $(ALL_CFLAGS) -D_GNU_SOURCE $(VU_DEFINES) -DE1000LAB_VERSION='"$(VERSION)"' $(VU_FLAGS)
# libslirp is not asked for by pkg-config: that wants the headers of GLib, which libslirp.h does not.
VU_LIBS := $(shell $(PKG_CONFIG) --libs $(VU_NEEDS) 2>/dev/null) -lslirp
# What of the live front end can be built here; empty where a library is missing: make deps.
VU_THERE := $(shell $(PKG_CONFIG) --exists $(VU_NEEDS) 2>/dev/null && \
	echo "\#include <slirp/libslirp.h>" | $(CC) -E - >/dev/null 2>&1 && echo yes)
# Test programs run once: they are not worth optimising.
CHECK_CFLAGS := $(shell $(PKG_CONFIG) --cflags check 2>/dev/null) -O0
CHECK_LIBS := $(shell $(PKG_CONFIG) --libs check 2>/dev/null)

MODEL_SRC := $(wildcard model/*.c)
HARNESS_SRC := $(filter-out harness/main.c,$(wildcard harness/*.c))
DRIVER_LUA := $(filter-out harness/driver/test_%,$(wildcard harness/driver/*.lua))
MODEL_TEST := $(wildcard model/test/test_*.c)
HARNESS_TEST := $(wildcard harness/test/test_*.c)
VU_SRC := $(filter-out vfio-user/main.c,$(wildcard vfio-user/*.c))
VU_OBJ := $(VU_SRC:%.c=$(B)/%.o)
VU_TEST := $(wildcard vfio-user/test/test_*.c)
MODEL_OBJ := $(MODEL_SRC:%.c=$(B)/%.o)
# The recorder is both's: any run can be recorded, and it needs no library.
HARNESS_OBJ := $(HARNESS_SRC:%.c=$(B)/%.o) $(B)/harness/driver_lua.o $(B)/vfio-user/record.o

LAB := $(B)/e1000lab
VU := $(B)/e1000-vfio-user
LIB := $(B)/libe1000.a
SO := $(B)/libe1000.so.0

FUZZ_SRC := $(addprefix model/fuzz/,guest.c registers.c descriptors.c saves.c)
FUZZ_OBJ := $(FUZZ_SRC:%.c=$(B)/%.o)
FUZZ_TARGETS := registers descriptors saves
# Only the model is worth the fuzzer's attention, and saving only where blobs are what is fuzzed.
FUZZ_PLAIN = $(if $(FUZZ),$(filter-out $(KINDFLAGS),$(1)),$(1))

.PHONY: all lib help demo check check-build check-fast check-reload check-socket check-be deps-be deps-live live-ready check-live bench-live soak-live live run diff unfold golden bench coverage fuzz fuzz-build fuzz-seeds \
	tidy install clean
all: $(LAB) $(LIB) $(SO) ## build the library and the program
lib: $(LIB)

# ---- objects ----

$(B)/model/%.o: model/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(MODEL_CFLAGS) -c $< -o $@

$(B)/harness/driver_lua.c: harness/embed.sh $(DRIVER_LUA)
	@mkdir -p $(@D)
	$(Q)sh harness/embed.sh $(sort $(DRIVER_LUA)) > $@.tmp && mv $@.tmp $@

$(B)/harness/driver_lua.o: $(B)/harness/driver_lua.c
	$(Q)$(CC) $(HARNESS_CFLAGS) -Iharness -c $< -o $@

$(B)/harness/%.o: harness/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(HARNESS_CFLAGS) -c $< -o $@

$(B)/vfio-user/%.o: vfio-user/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(VU_CFLAGS) -c $< -o $@

$(B)/vfio-user/live/%.o: vfio-user/live/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(VU_CFLAGS) -c $< -o $@

$(B)/vfio-user/test/%.o: vfio-user/test/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(VU_CFLAGS) $(CHECK_CFLAGS) -c $< -o $@

$(B)/model/test/%.o: model/test/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(CHECK_CFLAGS) -c $< -o $@

$(B)/model/fuzz/%.o: model/fuzz/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(call FUZZ_PLAIN,$(ALL_CFLAGS)) -D_XOPEN_SOURCE=700 -c $< -o $@

$(B)/harness/test/%.o: harness/test/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(HARNESS_CFLAGS) $(CHECK_CFLAGS) -c $< -o $@

# One main for each test program: it runs the suite of every test file, NAME_suite() of test_NAME.c.
define suite_main
	@mkdir -p $(@D)
	$(Q){ echo '#include <check.h>'; echo '#include <stdlib.h>'; \
	for f in $(1); do n=$$(basename $$f .c); echo "Suite *$${n#test_}_suite(void);"; done; \
	echo 'int main(void) { SRunner *r = srunner_create(NULL); int failed;'; \
	for f in $(1); do n=$$(basename $$f .c); echo "srunner_add_suite(r, $${n#test_}_suite());"; done; \
	echo 'srunner_run_all(r, CK_ENV); failed = srunner_ntests_failed(r); srunner_free(r);'; \
	echo 'return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE; }'; } > $@.tmp && mv $@.tmp $@
endef
$(B)/model/test/main.c: $(MODEL_TEST) Makefile
	$(call suite_main,$(MODEL_TEST))
$(B)/harness/test/main.c: $(HARNESS_TEST) Makefile
	$(call suite_main,$(HARNESS_TEST))
$(B)/vfio-user/test/main.c: $(VU_TEST) Makefile
	$(call suite_main,$(VU_TEST))
$(B)/%/test/main.o: $(B)/%/test/main.c
	$(Q)$(CC) $(ALL_CFLAGS) $(CHECK_CFLAGS) -c $< -o $@

# One object, so that only the public names are seen from outside.
$(B)/libe1000.o: $(MODEL_OBJ)
	$(Q)$(LD) -r $^ -o $@ && $(OBJCOPY) -w --keep-global-symbol='e1000_*' $@
$(LIB): $(B)/libe1000.o
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(SO): $(MODEL_OBJ) model/e1000.map
	$(Q)$(CC) $(KINDFLAGS) -shared -Wl,-soname,libe1000.so.0 -Wl,--version-script=model/e1000.map \
	$(MODEL_OBJ) -o $@
$(LAB): $(B)/harness/main.o $(HARNESS_OBJ) $(LIB)
	$(Q)$(CC) $(KINDFLAGS) $^ $(HARNESS_LIBS) -o $@
$(B)/model-test: $(MODEL_TEST:%.c=$(B)/%.o) $(B)/model/test/fixture.o $(B)/model/test/main.o $(MODEL_OBJ)
	$(Q)$(CC) $(KINDFLAGS) $^ $(CHECK_LIBS) -o $@
$(B)/harness-test: $(HARNESS_TEST:%.c=$(B)/%.o) $(B)/harness/test/main.o $(HARNESS_OBJ) $(LIB)
	$(Q)$(CC) $(KINDFLAGS) $^ $(HARNESS_LIBS) $(CHECK_LIBS) -o $@
$(VU): $(B)/vfio-user/main.o $(VU_OBJ) $(LIB)
	$(Q)$(CC) $(KINDFLAGS) $^ $(VU_LIBS) -o $@
$(B)/vfio-user-test: $(VU_TEST:%.c=$(B)/%.o) $(addprefix $(B)/vfio-user/test/,net_fixture.o client.o main.o) $(VU_OBJ) $(LIB)
	$(Q)$(CC) $(KINDFLAGS) $^ $(VU_LIBS) $(CHECK_LIBS) -o $@
$(B)/vfio-user-replay: $(B)/vfio-user/fuzz/replay.o $(B)/vfio-user/fuzz/session.o $(VU_OBJ) $(LIB)
	$(Q)$(CC) $(KINDFLAGS) $^ $(VU_LIBS) -o $@
$(B)/fuzz-session: $(B)/vfio-user/fuzz/session.o $(VU_OBJ) $(MODEL_OBJ)
	$(Q)$(CC) -fsanitize=fuzzer,address,undefined $^ $(VU_LIBS) -o $@
$(B)/live-tool: $(B)/vfio-user/live/tool.o
	$(Q)$(CC) $(KINDFLAGS) $^ $(shell $(PKG_CONFIG) --libs libpcap 2>/dev/null) -o $@
$(B)/fuzz-replay $(B)/fuzz-seeds: $(B)/fuzz-%: $(B)/model/fuzz/%.o $(FUZZ_OBJ) $(MODEL_OBJ)
	$(Q)$(CC) $(KINDFLAGS) $^ -o $@
$(B)/model/fuzz/save-plain.o: model/save.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(call FUZZ_PLAIN,$(MODEL_CFLAGS)) -c $< -o $@
$(FUZZ_TARGETS:%=$(B)/model/fuzz/entry-%.o): $(B)/model/fuzz/entry-%.o: model/fuzz/entry.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(call FUZZ_PLAIN,$(ALL_CFLAGS)) -DTARGET=fuzz_$* -c $< -o $@
$(B)/fuzz-saves: $(MODEL_OBJ)
$(B)/fuzz-registers $(B)/fuzz-descriptors: $(filter-out %/save.o,$(MODEL_OBJ)) $(B)/model/fuzz/save-plain.o
$(FUZZ_TARGETS:%=$(B)/fuzz-%): $(B)/fuzz-%: $(B)/model/fuzz/entry-%.o $(FUZZ_OBJ)
	$(Q)$(CC) -fsanitize=fuzzer,address,undefined $^ -o $@
$(B)/bench: $(B)/harness/bench/bench.o $(LIB)
	$(Q)$(CC) $(KINDFLAGS) $^ -o $@
# ---- for people ----

.PHONY: vfio-user
vfio-user: $(if $(VU_THERE),$(VU),vfio-user-missing) ## build e1000-vfio-user, the device for QEMU
vfio-user-missing:
	@echo "vfio-user: one of libslirp $(VU_NEEDS) is missing; make deps installs them" >&2; exit 2

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo '  options: S=name of a scenario, CC=clang, SAN=1 (AddressSanitizer, UBSan), OPT=-O0, DESTDIR=, PREFIX='

demo: $(LAB) ## the Linux driver's whole session, with its trace
	@$(LAB) run --show scenarios/linux/probe-open-close.lua

SCENARIO = $(or $(firstword $(wildcard scenarios/*/$(S).lua scenarios/$(S).lua $(S))),$(error no scenario named "$(S)"; see: make list))
run: $(LAB) ## S=name: one scenario, trace on the terminal
	@$(LAB) run --show $(SCENARIO)
diff: $(LAB) ## S=name: its golden against this run
	@$(LAB) diff $(SCENARIO)
unfold: $(LAB) ## S=name: its lines inside folds against those of the tree that accepted the golden
	+@MAKE='$(MAKE)' sh harness/unfold.sh $(LAB) $(SCENARIO)
golden: $(LAB) ## S=name: accept what this run wrote
	@$(LAB) golden $(SCENARIO)
list: $(LAB) ## every scenario and the sections it claims
	@$(LAB) run --list

VU_CHECK := $(if $(VU_THERE),$(B)/vfio-user-test $(B)/vfio-user-replay $(VU))
check-build: $(LAB) $(B)/model-test $(B)/harness-test $(B)/fuzz-replay $(LIB) $(SO) $(VU_CHECK)
check: check-build ## unit tests, every scenario and golden, determinism; prints totals
	+@CC='$(CC)' SAN='$(SAN)' MAKE='$(MAKE)' sh harness/test/check.sh $(B)
check-fast: check-build ## the same without the builds by other compilers
	+@CC='$(CC)' SAN='$(SAN)' MAKE='$(MAKE)' FAST=1 sh harness/test/check.sh $(B)

check-reload: $(LAB) ## every scenario, its device saved, wiped and loaded again at every event
	@$(LAB) run --quick --reload --timeout 300 --out $(B)/out-reload scenarios

check-socket: vfio-user $(LAB) ## every scenario that can run on a card behind a socket: by its clock and by ours, memory shared and by messages
	@for card in memory=shared memory=messages clock=stopped clock=stopped,memory=messages; do \
	$(LAB) run --jobs=8 --timeout 300 --out $(B)/out-socket --dut "vfio-user:exec=$(VU) --exact,$$card" scenarios || exit 1; done
check-be: deps-be ## unit tests and scenarios of a big-endian build, under qemu-user
	+@MAKE='$(MAKE)' sh harness/test/check-be.sh
deps-be: ## what check-be needs (Debian, Ubuntu): cross compiler, qemu-user; libraries into build/
	@sh .ci/deps-be

deps-live: ## what the next ones need (Debian, Ubuntu on amd64): QEMU and guests, into build/live
	@sh .ci/deps-live
live-ready: vfio-user $(B)/live-tool deps-live
LIVE = VU=$(CURDIR)/$(VU) TOOL=$(CURDIR)/$(B)/live-tool
check-live: live-ready ## guests under QEMU with the device: Linux, iPXE, U-Boot; G=group for one of them
	@$(LIVE) sh vfio-user/live/check.sh $(G)
bench-live: live-ready ## the device beside QEMU's own e1000 in the same guest; as root
	@$(LIVE) sh vfio-user/live/bench.sh
soak-live: live-ready ## TIME=600: traffic both ways for so many seconds, with captures
	@$(LIVE) sh vfio-user/live/soak.sh $(or $(TIME),600)
live: live-ready ## a Linux guest on this terminal, with network; OPTIONS="--lint" for the device
	@$(LIVE) sh vfio-user/live/try.sh $(OPTIONS)

fuzz-build: $(FUZZ_TARGETS:%=$(B)/fuzz-%) $(if $(VU_THERE),$(B)/fuzz-session)
fuzz: ## TIME=60: fuzz model and server by clang for so many seconds; crashers and new inputs in build/fuzz
	+@CC='$(if $(findstring clang,$(CC)),$(CC),clang)' MAKE='$(MAKE)' sh model/fuzz/fuzz.sh $(or $(TIME),60)
fuzz-seeds: $(B)/fuzz-seeds ## write the seed corpus anew, after a change of what a device saves
	@rm -rf model/fuzz/corpus && mkdir model/fuzz/corpus && $< model/fuzz/corpus

bench: $(B)/bench ## speed of the data path beside this machine's own limits
	@sh harness/bench/run.sh $(B)/bench

coverage: ## lines, registers, manual sections: reports under build/coverage, thresholds
	+@MAKE='$(MAKE)' sh coverage/coverage.sh

tidy: $(LIB) ## format, symbols, words
	@sh model/test/symbols.sh $(LIB)
	@clang-format --dry-run -Werror $(wildcard model/*.[ch] model/test/*.c model/fuzz/*.[ch] harness/*.[ch] harness/test/*.c harness/bench/*.c vfio-user/*.[ch] vfio-user/test/*.[ch] vfio-user/fuzz/*.c vfio-user/live/*.c)

install: all ## program, library, headers, man page; DESTDIR, PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include/e1000 \
		$(DESTDIR)$(PREFIX)/share/man/man1
	install $(LAB) $(DESTDIR)$(PREFIX)/bin/e1000lab
	install -m 644 $(LIB) $(DESTDIR)$(PREFIX)/lib/libe1000.a
	install -m 755 $(SO) $(DESTDIR)$(PREFIX)/lib/libe1000.so.0
	ln -sf libe1000.so.0 $(DESTDIR)$(PREFIX)/lib/libe1000.so
	install -m 644 model/e1000.h model/e1000_regs.h model/e1000_trace.h model/regs.def model/phy.def \
		$(DESTDIR)$(PREFIX)/include/e1000
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' model/e1000.pc.in >$(DESTDIR)$(PREFIX)/lib/pkgconfig/e1000.pc
	chmod 644 $(DESTDIR)$(PREFIX)/lib/pkgconfig/e1000.pc
	install -m 644 harness/e1000lab.1 $(DESTDIR)$(PREFIX)/share/man/man1/e1000lab.1
	[ ! -x $(VU) ] || { install $(VU) $(DESTDIR)$(PREFIX)/bin/e1000-vfio-user && \
		install -m 644 vfio-user/e1000-vfio-user.1 $(DESTDIR)$(PREFIX)/share/man/man1/e1000-vfio-user.1; }

clean: ## remove build/
	rm -rf build

ifndef V
Q = @
endif
-include $(shell find $(B) -name '*.d' 2>/dev/null)

endif
