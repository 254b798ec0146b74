// Loads objects of nft2bpf with libbpf (1.1 or later) and attaches them where their manifests say.
//
//     cc -o load-with-libbpf examples/load-with-libbpf.c -lbpf -lelf -ljson-c
//     nft2bpf compile RULESET --vmlinux /sys/kernel/btf/vmlinux -o edge.o && ./load-with-libbpf edge.o
//
// libbpf creates the maps empty and knows no places of attachment: both stand in the manifest, a JSON document in the
// section .nft2bpf of each object. A line (or the end) of the standard input ends the program: it prints the counters
// and detaches. XDP and tc; netfilter programs need bpf_program__attach_netfilter of libbpf 1.3. Needs root.

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <json-c/json.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *what) {
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static struct json_object *member(struct json_object *object, const char *name) {
	struct json_object *value = NULL;
	json_object_object_get_ex(object, name, &value);
	return value;
}

static const char *text(struct json_object *object, const char *name) {
	return json_object_get_string(member(object, name));
}

static size_t number(struct json_object *object, const char *name) {
	return json_object_get_uint64(member(object, name));
}

// The contents of the section .nft2bpf.
static struct json_object *read_manifest(const char *path) {
	int fd = open(path, O_RDONLY);
	if (fd < 0 || elf_version(EV_CURRENT) == EV_NONE) fail(path);
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	size_t names;
	if (elf == NULL || elf_getshdrstrndx(elf, &names) != 0) fail(path);
	struct json_object *manifest = NULL;
	for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section)) != NULL;) {
		GElf_Shdr header;
		if (gelf_getshdr(section, &header) == NULL) continue;
		const char *name = elf_strptr(elf, names, header.sh_name);
		if (name == NULL || strcmp(name, ".nft2bpf") != 0) continue;
		Elf_Data *data = elf_getdata(section, NULL);
		struct json_tokener *tokener = json_tokener_new();
		manifest = json_tokener_parse_ex(tokener, data->d_buf, data->d_size);
		json_tokener_free(tokener);
	}
	elf_end(elf);
	close(fd);
	if (manifest == NULL || number(manifest, "version") != 1) {
		fprintf(stderr, "%s: no manifest of version 1\n", path);
		exit(1);
	}
	return manifest;
}

// Base64 (RFC 4648, with padding) into fresh memory.
static unsigned char *bytes_of(const char *base64) {
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char *bytes = calloc(1, strlen(base64) / 4 * 3 + 1);
	if (bytes == NULL) fail("memory");
	size_t length = 0;
	for (; *base64 != '\0'; base64 += 4) {
		unsigned word = 0;
		for (int i = 0; i < 4; i++)
			word = word << 6 | (base64[i] == '=' ? 0 : (unsigned)(strchr(alphabet, base64[i]) - alphabet));
		for (int shift = 16; shift >= 0; shift -= 8) bytes[length++] = word >> shift & 0xff;
	}
	return bytes;
}

static int is_per_cpu(const struct bpf_map *map) {
	return strncmp(libbpf_bpf_map_type_str(bpf_map__type(map)), "percpu", 6) == 0;
}

// Puts the contents in. A map without is left alone, and so is a data section (.rodata.NAME), which libbpf has filled.
static void fill(struct bpf_object *object, struct json_object *entry) {
	struct bpf_map *map = bpf_object__find_map_by_name(object, text(entry, "name"));
	__u32 count = number(entry, "count");
	if (map == NULL || count == 0) return;
	unsigned char *keys = bytes_of(text(entry, "keys")), *values = bytes_of(text(entry, "values"));
	size_t key_size = number(entry, "keySize"), value_size = number(entry, "valueSize");
	int copies = is_per_cpu(map) ? libbpf_num_possible_cpus() : 1;
	size_t step = copies > 1 ? (value_size + 7) & ~(size_t)7 : value_size;
	unsigned char *value = calloc(copies, step);
	if (value == NULL) fail("memory");
	for (__u32 i = 0; i < count; i++) {
		for (int cpu = 0; cpu < copies; cpu++) memcpy(value + cpu * step, values + i * value_size, value_size);
		if (bpf_map_update_elem(bpf_map__fd(map), keys + i * key_size, value, BPF_ANY) != 0) fail(bpf_map__name(map));
	}
	free(value);
	free(keys);
	free(values);
}

// Whether this program knows what is required of the machine (docs/loading.md); conntrack is for netfilter programs.
static void check_requirements(struct json_object *requires) {
	for (size_t i = 0; i < json_object_array_length(requires); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(requires, i));
		if (strcmp(name, "ethernet") == 0) continue;
		fprintf(stderr, "the program requires %s, which this example does not do\n", name);
		exit(1);
	}
}

static void attach_tc(struct bpf_program *program, struct json_object *place, int device) {
	int is_ingress = strcmp(text(place, "direction"), "ingress") == 0;
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = device, .attach_point = is_ingress ? BPF_TC_INGRESS : BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = bpf_program__fd(program), .handle = 1, .priority = 1);
	int error = bpf_tc_hook_create(&hook); // the qdisc clsact
	if ((error != 0 && error != -EEXIST) || bpf_tc_attach(&hook, &options) != 0) fail("tc");
}

static void detach_tc(struct json_object *place, int device) {
	int is_ingress = strcmp(text(place, "direction"), "ingress") == 0;
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = device, .attach_point = is_ingress ? BPF_TC_INGRESS : BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, options, .handle = 1, .priority = 1);
	bpf_tc_detach(&hook, &options);
}

static void attach(struct bpf_program *program, struct json_object *place) {
	const char *target = text(place, "target");
	int device = member(place, "device") ? if_nametoindex(text(place, "device")) : 0;
	if (strcmp(target, "xdp") == 0) {
		if (device == 0 || bpf_program__attach_xdp(program, device) == NULL) fail("xdp");
	} else if (strcmp(target, "tc") == 0) {
		if (device == 0) fail(text(place, "device"));
		attach_tc(program, place, device);
	} else {
		fprintf(stderr, "this example does not attach to %s\n", target);
		exit(1);
	}
}

// The sum over all CPUs, on top of what the ruleset says the counter starts with.
static void print_counters(struct bpf_object *object, struct json_object *entry) {
	struct json_object *slots = member(member(entry, "role"), "slots");
	struct bpf_map *map = bpf_object__find_map_by_name(object, text(entry, "name"));
	if (slots == NULL || map == NULL) return;
	int copies = is_per_cpu(map) ? libbpf_num_possible_cpus() : 1;
	struct { __u64 packets, bytes; } values[copies];
	for (__u32 i = 0; i < json_object_array_length(slots); i++) {
		struct json_object *slot = json_object_array_get_idx(slots, i);
		unsigned long long packets = number(slot, "packets"), bytes = number(slot, "bytes");
		if (bpf_map_lookup_elem(bpf_map__fd(map), &i, values) != 0) fail(bpf_map__name(map));
		for (int cpu = 0; cpu < copies; cpu++) {
			packets += values[cpu].packets;
			bytes += values[cpu].bytes;
		}
		if (member(slot, "object")) printf("%s", text(slot, "object"));
		else printf("rule %zu", number(slot, "rule"));
		printf(": packets %llu bytes %llu\n", packets, bytes);
	}
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "usage: %s OBJECT\n", argv[0]);
		return 2;
	}
	struct json_object *manifest = read_manifest(argv[1]);
	// An object has one program.
	struct json_object *entry = json_object_array_get_idx(member(manifest, "programs"), 0);
	check_requirements(member(entry, "requires"));
	struct bpf_object *object = bpf_object__open_file(argv[1], NULL);
	if (object == NULL || bpf_object__load(object) != 0) fail(argv[1]);
	struct json_object *maps = member(manifest, "maps");
	for (size_t i = 0; i < json_object_array_length(maps); i++) fill(object, json_object_array_get_idx(maps, i));

	struct bpf_program *program = bpf_object__find_program_by_name(object, text(entry, "name"));
	if (program == NULL) fail(text(entry, "name"));
	struct json_object *places = member(entry, "attach");
	for (size_t i = 0; i < json_object_array_length(places); i++) attach(program, json_object_array_get_idx(places, i));
	printf("attached %s\n", bpf_program__name(program));
	fflush(stdout);

	while (!feof(stdin) && getchar() != '\n');
	for (size_t i = 0; i < json_object_array_length(maps); i++) print_counters(object, json_object_array_get_idx(maps, i));
	// Links of XDP end with the process; filters of tc do not.
	for (size_t i = 0; i < json_object_array_length(places); i++) {
		struct json_object *place = json_object_array_get_idx(places, i);
		if (strcmp(text(place, "target"), "tc") == 0) detach_tc(place, if_nametoindex(text(place, "device")));
	}
	bpf_object__close(object);
	json_object_put(manifest);
	return 0;
}
