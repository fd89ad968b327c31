# SPDX-License-Identifier: GPL-2.0-only
#
#	make		build/zctrace
#	make run	installs what it needs, builds, and runs the demo (as root)
#	make test	installs what it needs, builds, and passes every test (as root)
#	make help	the rest

BUILD := build
CLANG ?= clang
BPFTOOL ?= $(shell command -v bpftool || echo /usr/sbin/bpftool)
PREFIX ?= /usr/local
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)

ARCH := $(shell uname -m | sed 's/x86_64/x86/; s/aarch64/arm64/')
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Werror
# A file of user/ includes another by its name alone, wherever it is. A new folder needs no line here.
USER_SRC := $(sort $(wildcard user/*.c user/*/*.c))
USER_INC := $(patsubst %/,-I%,$(sort $(dir $(wildcard user/*.h user/*/*.h))))
# It runs as root on what strangers do. Behind CFLAGS and LDFLAGS, whoever sets these: tests/harden.sh looks at the result.
# What not every compiler has is asked of it.
takes = $(shell echo 'int main(void) { return 0; }' | $(CC) -O2 -Werror $(1) -include stdio.h -x c -c -o /dev/null - 2>/dev/null && echo '$(1)')
HARDEN_CFLAGS := -fPIE -fstack-protector-strong $(call takes,-fstack-clash-protection) $(call takes,-fcf-protection=full) \
	-U_FORTIFY_SOURCE $(or $(call takes,-D_FORTIFY_SOURCE=3),-D_FORTIFY_SOURCE=2)
HARDEN_LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack
ALL_CFLAGS := -std=gnu11 -D_GNU_SOURCE -DZCTRACE_VERSION='"$(VERSION)"' $(WARN) -O2 $(CFLAGS) $(HARDEN_CFLAGS) -I$(BUILD) \
	$(USER_INC) -MMD -MP
LDLIBS := -lbpf -lelf -lz -ljansson -luring -lmicrohttpd -lncursesw -ltinfo -lm -lpthread

BPF_CFLAGS := -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) -Ivmlinux -Ibpf -I/usr/include/$(MULTIARCH) \
	-Wall -Wextra -Wno-unused-parameter -Werror -MMD -MP

# The linker of BPF objects wants what is defined before what uses it.
BPF_FIRST := acc owner file payload pagecache net
BPF_OBJS := $(BPF_FIRST:%=$(BUILD)/bpf/%.bpf.o) \
	$(filter-out $(BPF_FIRST:%=$(BUILD)/bpf/%.bpf.o),$(patsubst bpf/%.c,$(BUILD)/bpf/%.o,$(sort $(wildcard bpf/*.bpf.c))))
OBJS := $(USER_SRC:%.c=$(BUILD)/%.o)

# make V=1 shows the commands
Q := $(if $(V),,@)
say = $(if $(V),,@echo "  $(1)	$@")

all: $(BUILD)/zctrace

$(BUILD)/zctrace: $(OBJS)
	$(call say,LD)
	$(Q)$(CC) $(LDFLAGS) $(HARDEN_LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/user/%.o: user/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/user/tracer/tracer.o $(BUILD)/user/tracer/load.o: $(BUILD)/zctrace.skel.h

$(BUILD)/zctrace.skel.h: $(BUILD)/zctrace.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name zctrace_bpf > $@.tmp
	$(Q)mv $@.tmp $@

$(BUILD)/zctrace.bpf.o: $(BPF_OBJS)
	$(call say,BPFLD)
	$(Q)$(BPFTOOL) gen object $@ $^

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c | $(BUILD)/bpf
	$(call say,BPF)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

# The load program of the tests: static, so that it runs from a bare initramfs and charges no library to itself.
WORK_SRC := $(wildcard tests/work/*.c) $(wildcard user/demo/ways*.c) user/demo/sink.c
$(BUILD)/work: $(WORK_SRC) $(wildcard tests/work/*.h user/demo/ways*.h) user/demo/sink.h | $(BUILD)
	$(call say,CC)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -static $(USER_INC) -o $@ $(WORK_SRC) -luring -lpthread

$(BUILD) $(BUILD)/bpf:
	mkdir -p $@

PACKAGES := libbpf-dev bpftool clang llvm libelf-dev zlib1g-dev libjansson-dev uthash-dev liburing-dev libncurses-dev libmicrohttpd-dev gcc libc6-dev make
TEST_PACKAGES := libcmocka-dev jq python3-jsonschema strace clang-format clang-tidy procps iproute2 ethtool e2fsprogs \
	xfsprogs btrfs-progs chromium libxml2-utils nginx-light postgresql prometheus curl tmux qemu-system-x86 busybox-static cpio kmod xz-utils zstd
KERNEL_PACKAGES := linux-source-6.12 flex bison bc libssl-dev dwarves

# Installs only what is missing, so that nothing is asked of the network when all is there.
define install
	@missing=$$(dpkg-query -W -f '$${Package} $${db:Status-Status}\n' $(1) 2>/dev/null | awk '$$2=="installed"{print $$1}'); \
	need=; for p in $(1); do echo "$$missing" | grep -qx $$p || need="$$need $$p"; done; \
	if [ -n "$$need" ]; then apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$need; fi
endef

deps:
	$(call install,$(PACKAGES))
deps-test: deps
	@[ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; touch /run/zctrace-policy; }
	$(call install,$(TEST_PACKAGES))
	@[ ! -e /run/zctrace-policy ] || rm -f /usr/sbin/policy-rc.d /run/zctrace-policy

run: deps
	$(MAKE) -j2 $(BUILD)/zctrace
	$(BUILD)/zctrace demo --dir /var/tmp

test: deps-test
	$(MAKE) -j2 $(BUILD)/zctrace $(BUILD)/work
	tests/run.sh style unit golden fuzz live top prom svg vm

test-all: deps-test
	$(MAKE) -j2 $(BUILD)/zctrace $(BUILD)/work
	tests/run.sh style unit golden fuzz live top prom svg vm vm-more vm-rt

test-kprobe: deps-test
	$(call install,$(KERNEL_PACKAGES))
	$(MAKE) -j2 $(BUILD)/zctrace $(BUILD)/work
	tests/vm/build-kprobe-kernel.sh
	tests/run.sh vm-kprobe

install: $(BUILD)/zctrace
	install -D -m 0755 $(BUILD)/zctrace $(DESTDIR)$(PREFIX)/sbin/zctrace

C_FILES := $(wildcard user/*.[ch] user/*/*.[ch] bpf/*.[ch] tests/*/*.[ch])

format:
	clang-format -i $(C_FILES)
style-format:
	clang-format --dry-run -Werror $(C_FILES)
style-tidy:
	printf '%s\n' $(USER_SRC) | xargs -P "$$(nproc)" -n 6 tests/tidy.sh -std=gnu11 -D_GNU_SOURCE -I$(BUILD) $(USER_INC) --
style-clang:
	$(MAKE) BUILD=$(BUILD)/clang CC=clang CFLAGS='-O1 -fno-stack-protector -D_FORTIFY_SOURCE=1 -fno-pie' \
		LDFLAGS='-no-pie -Wl,-z,norelro,-z,lazy,-z,execstack' $(BUILD)/clang/zctrace

clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^#\t//p' Makefile; echo 'make install  test-all  test-kprobe  format  clean'

-include tests/unit/unit.mk tests/golden/golden.mk tests/fuzz/fuzz.mk tests/top/top.mk tests/bench/bench.mk
-include $(OBJS:.o=.d) $(BPF_OBJS:.o=.d)

.PHONY: all deps deps-test run test test-all test-kprobe install format style-format style-tidy style-clang clean help
.DELETE_ON_ERROR:
